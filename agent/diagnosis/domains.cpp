#include "agent/diagnosis/domains.h"

#include <algorithm>
#include <array>
#include <utility>

namespace amlnet {
namespace {

// Second-level labels under which countries register names. Not the public suffix list: a host outside it
// only makes a group a little wider.
constexpr std::array kSecondLevel = {"ac", "co", "com", "edu", "gov", "net", "org"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 53> kVendors = {{
    {"aka.ms", "microsoft"},
    {"applicationinsights.io", "microsoft"},
    {"azk8s.cn", "microsoft"},
    {"azmk8s.io", "microsoft"},
    {"aznbcontent.net", "microsoft"},
    {"azure.cn", "microsoft"},
    {"azure.com", "microsoft"},
    {"azure.net", "microsoft"},
    {"azure.us", "microsoft"},
    {"azurecr.cn", "microsoft"},
    {"azurecr.io", "microsoft"},
    {"azurecr.us", "microsoft"},
    {"azuredatabricks.net", "microsoft"},
    {"azureedge.net", "microsoft"},
    {"azurefd.net", "microsoft"},
    {"azureml.cn", "microsoft"},
    {"azureml.ms", "microsoft"},
    {"azureml.net", "microsoft"},
    {"azureml.us", "microsoft"},
    {"chinacloudapi.cn", "microsoft"},
    {"exp-tas.com", "microsoft"},
    {"live.com", "microsoft"},
    {"microsoft.com", "microsoft"},
    {"microsoft.us", "microsoft"},
    {"microsoftonline-p.com", "microsoft"},
    {"microsoftonline.com", "microsoft"},
    {"microsoftonline.us", "microsoft"},
    {"msauth.net", "microsoft"},
    {"msecnd.net", "microsoft"},
    {"msftauth.net", "microsoft"},
    {"office.com", "microsoft"},
    {"powerbi.com", "microsoft"},
    {"usgovcloudapi.net", "microsoft"},
    {"visualstudio.com", "microsoft"},
    {"vsassets.io", "microsoft"},
    {"vscode-cdn.net", "microsoft"},
    {"vscode-unpkg.net", "microsoft"},
    {"vscode.dev", "microsoft"},
    {"windows.net", "microsoft"},
    {"windowsupdate.com", "microsoft"},
    {"anaconda.com", "anaconda"},
    {"anaconda.org", "anaconda"},
    {"conda.io", "anaconda"},
    {"docker.com", "docker"},
    {"docker.io", "docker"},
    {"ghcr.io", "github"},
    {"github.com", "github"},
    {"githubusercontent.com", "github"},
    {"hf.co", "huggingface"},
    {"huggingface.co", "huggingface"},
    {"pypi.org", "python"},
    {"python.org", "python"},
    {"pythonhosted.org", "python"},
}};

std::size_t dot_before(std::string_view host, std::size_t end) {
  return end == 0 ? std::string_view::npos : host.rfind('.', end - 1);
}

}  // namespace

std::string registered_domain(std::string_view host) {
  if (is_address(host)) return std::string(host);
  while (host.ends_with('.')) host.remove_suffix(1);
  const auto last = dot_before(host, host.size());
  if (last == std::string_view::npos) return std::string(host);
  auto cut = dot_before(host, last);
  const auto second = host.substr(cut == std::string_view::npos ? 0 : cut + 1,
                                  last - (cut == std::string_view::npos ? 0 : cut + 1));
  const bool country = host.size() - last - 1 == 2;
  const bool suffix = std::find(kSecondLevel.begin(), kSecondLevel.end(), second) != kSecondLevel.end();
  if (country && suffix && cut != std::string_view::npos) cut = dot_before(host, cut);
  return std::string(cut == std::string_view::npos ? host : host.substr(cut + 1));
}

std::string vendor_of(std::string_view host) {
  auto domain = registered_domain(host);
  const auto* row =
      std::find_if(kVendors.begin(), kVendors.end(), [&](const auto& v) { return v.first == domain; });
  return row == kVendors.end() ? domain : std::string(row->second);
}

std::string private_zone_of(std::string_view name) {
  constexpr std::string_view kLabel = "privatelink.";
  if (name.starts_with(kLabel)) return std::string(name);
  const auto at = name.find(".privatelink.");
  return at == std::string_view::npos ? std::string() : std::string(name.substr(at + 1));
}

}  // namespace amlnet
