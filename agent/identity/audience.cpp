#include "agent/identity/audience.h"

#include <array>
#include <cstddef>

namespace amlnet {
namespace {

constexpr std::array kAudiences{Audience::resource_manager, Audience::storage, Audience::key_vault,
                                Audience::registry};

struct CloudNames {
  std::string_view login, resource_manager;
  std::array<std::string_view, 4> resources;  // in the order of Audience
};

// Storage and the registry have one audience for all clouds.
constexpr std::string_view kStorage = "https://storage.azure.com/";
constexpr std::string_view kRegistry = "https://containerregistry.azure.net/";
constexpr CloudNames kPublic{
    "login.microsoftonline.com",
    "management.azure.com",
    {"https://management.azure.com/", kStorage, "https://vault.azure.net", kRegistry}};
constexpr CloudNames kGovernment{
    "login.microsoftonline.us",
    "management.usgovcloudapi.net",
    {"https://management.usgovcloudapi.net/", kStorage, "https://vault.usgovcloudapi.net", kRegistry}};
constexpr CloudNames kChina{
    "login.chinacloudapi.cn",
    "management.chinacloudapi.cn",
    {"https://management.chinacloudapi.cn/", kStorage, "https://vault.azure.cn", kRegistry}};

const CloudNames& names_in(Cloud cloud) {
  if (cloud == Cloud::usgov) return kGovernment;
  return cloud == Cloud::china ? kChina : kPublic;
}

}  // namespace

std::span<const Audience> all_audiences() {
  return kAudiences;
}

std::string_view title_of(Audience audience) {
  constexpr std::array<std::string_view, 4> kTitles{"Resource Manager", "storage", "Key Vault",
                                                    "container registry"};
  return kTitles[static_cast<std::size_t>(audience)];
}

std::string_view resource_of(Audience audience, Cloud cloud) {
  return names_in(cloud).resources[static_cast<std::size_t>(audience)];
}

std::string_view login_host(Cloud cloud) {
  return names_in(cloud).login;
}

std::string_view resource_manager_host(Cloud cloud) {
  return names_in(cloud).resource_manager;
}

}  // namespace amlnet
