// Text for XML and HTML: nothing from the network can end an element or an attribute. Used by the junit and
// html writers.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

/// `text`, any bytes, as character data of XML 1.0 and HTML, also inside a quoted attribute. Control,
/// invisible and direction-changing characters and invalid bytes are written as \xHH.
std::string markup(std::string_view text);

/// Whether `url` is an absolute http or https address that may become a link.
bool is_web_address(std::string_view url);

}  // namespace amlnet
