#include "agent/commands/catalogs.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "agent/commands/input_file.h"

namespace amlnet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_catalog_files = 1000;

using Paths = std::variant<std::vector<std::string>, ConfigError>;

Paths catalogs_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  fs::directory_iterator at(folder, error);
  if (error == std::errc::no_such_file_or_directory) return paths;
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(".json") || name.starts_with('.')) continue;
    std::error_code unseen;
    // A pipe in the place of a file would block for ever.
    if (!fs::is_regular_file(at->path(), unseen))
      return ConfigError{at->path().string() + ": expected a regular file, or a link to one"};
    if (paths.size() == max_catalog_files)
      return ConfigError{folder + ": more than 1000 catalogs; put their requirements into fewer files"};
    paths.push_back(at->path().string());
  }
  if (error) return ConfigError{folder + ": cannot read: " + error.message()};
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

std::variant<Catalog, ConfigError> load_catalog(const CheckOptions& options, const std::string& folder) {
  Paths found = catalogs_in(folder);
  if (auto* error = std::get_if<ConfigError>(&found)) return *error;
  std::vector<std::string> paths = std::get<std::vector<std::string>>(std::move(found));
  paths.insert(paths.end(), options.catalogs.begin(), options.catalogs.end());
  Catalog catalog = builtin_catalog();
  for (const std::string& path : paths) {
    auto text = read_input_file(path);
    if (auto* error = std::get_if<ConfigError>(&text)) return *error;
    auto more = read_catalog(std::get<std::string>(text), path);
    if (auto* error = std::get_if<ConfigError>(&more)) return *error;
    auto merged = merge_catalogs(std::move(catalog), std::get<Catalog>(more));
    if (auto* error = std::get_if<ConfigError>(&merged)) return *error;
    catalog = std::get<Catalog>(std::move(merged));
  }
  return catalog;
}

}  // namespace amlnet
