#include "agent/upload/blocks.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "probes/digest.h"
#include "reports/model/base64.h"

namespace amlnet {
namespace {

// What stands between <tag> and </tag>, from `at` on, which moves behind it. Npos where there is none.
std::string_view element(std::string_view xml, std::string_view tag, std::size_t& at) {
  const std::string open = fmt::format("<{}>", tag), close = fmt::format("</{}>", tag);
  const std::size_t begin = xml.find(open, at);
  const std::size_t end = begin == std::string_view::npos ? begin : xml.find(close, begin);
  at = end == std::string_view::npos ? end : end + close.size();
  if (at == std::string_view::npos) return {};
  return xml.substr(begin + open.size(), end - begin - open.size());
}

}  // namespace

std::string md5_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
  return base64_encoded({reinterpret_cast<const char*>(digest.data()), size});
}

std::vector<Block> blocks_of(std::string_view content) {
  std::vector<Block> blocks;
  for (std::size_t offset = 0; offset < content.size(); offset += kBlockBytes) {
    const std::string_view bytes = content.substr(offset, kBlockBytes);
    const std::string named = fmt::format("amlnet {} {}\n", offset, bytes.size()).append(bytes);
    blocks.push_back({base64_encoded(sha256_bytes(named)), offset, bytes.size(), md5_of(bytes)});
  }
  return blocks;
}

std::string block_list(const std::vector<Block>& blocks) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList>\n";
  for (const Block& block : blocks) xml += fmt::format("<Uncommitted>{}</Uncommitted>\n", block.id);
  return xml + "</BlockList>\n";
}

ListedBlocks read_block_list(std::string_view xml) {
  ListedBlocks listed;
  std::size_t at = 0;
  listed.committed = element(xml, "CommittedBlocks", at).find("<Block>") != std::string_view::npos;
  at = 0;
  const std::string_view waiting = element(xml, "UncommittedBlocks", at);
  for (at = 0; at < waiting.size();) {
    const std::string_view block = element(waiting, "Block", at);
    std::size_t inside = 0;
    const std::string_view name = element(block, "Name", inside);
    inside = 0;
    const std::string_view digits = element(block, "Size", inside);
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error == std::errc() && end == digits.data() + digits.size()) listed.uncommitted.emplace(name, size);
  }
  return listed;
}

}  // namespace amlnet
