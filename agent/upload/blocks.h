// The blocks that a blob is put together from, and the lists of them that storage takes and gives
// (https://learn.microsoft.com/rest/api/storageservices/put-block-list, .../get-block-list). Pure; used by
// the upload.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// Small, so that a link that is cut again and again still gets some through.
inline constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;

struct Block {
  std::string id;  // base64 of a SHA-256 over place and bytes: the same content has the same ids in every run
  std::size_t offset = 0, size = 0;
  std::string md5;  // base64, for Content-MD5 (RFC 1864)
};

/// `content` in blocks of kBlockBytes, in order. An empty content has none.
std::vector<Block> blocks_of(std::string_view content);

/// The base64 of its MD5, which is all that storage takes to check what arrived.
std::string md5_of(std::string_view bytes);

/// The body of Put Block List.
std::string block_list(const std::vector<Block>& blocks);

/// An answer to Get Block List. What is in it was written by others.
struct ListedBlocks {
  std::map<std::string, std::size_t> uncommitted;  // id -> bytes
  bool committed = false;                          // the blob is there, of blocks
};
ListedBlocks read_block_list(std::string_view xml);

}  // namespace amlnet
