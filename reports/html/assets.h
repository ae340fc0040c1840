// Style and script of the HTML report: report.css and report.js, compiled in. Used by page.cpp.
#pragma once

#include <string_view>

namespace amlnet {

std::string_view html_style();
std::string_view html_script();

}  // namespace amlnet
