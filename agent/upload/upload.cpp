#include "agent/upload/upload.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/identity/token_request.h"
#include "agent/upload/storage_answer.h"
#include "probes/digest.h"

namespace amlnet {
namespace {

// Takes tokens, SAS of every kind and Content-MD5 for all that is sent here.
constexpr const char* kStorageVersion = "2020-10-02";
constexpr std::size_t kLongestList = std::size_t{1} << 20;

std::size_t next_block(const Upload& upload) {
  return static_cast<std::size_t>(std::ranges::find(upload.there, false) - upload.there.begin());
}

void go_on_after_blocks(Upload& upload) {
  upload.step = next_block(upload) == upload.blocks.size() ? UploadStep::commit : UploadStep::send_blocks;
}

UploadEnd given_up(std::string problem) {
  return {UploadState::given_up, std::move(problem)};
}

UploadEnd finish(Upload& upload) {
  upload.step = UploadStep::over;
  return {UploadState::done, ""};
}

bool with_sas(const Upload& upload) {
  return !upload.container.sas.empty();
}

// Storage answered in a way that no step expects.
UploadEnd refused(const Upload& upload, const HttpDetail& answer) {
  const bool passing = answer.status == 0 ? !is_final(answer.error) : is_passing_status(answer.status);
  return {passing ? UploadState::try_again : UploadState::given_up,
          storage_problem(answer, with_sas(upload))};
}

UploadEnd take_list(Upload& upload, const HttpDetail& answer, const std::string& code) {
  // A SAS that may write but not read is enough, but for seeing what is there.
  const bool unseen = code == "AuthorizationPermissionMismatch" && with_sas(upload);
  const bool none = answer.status == 404 && code == "BlobNotFound";
  if (answer.status != 200 && !none && !unseen) return refused(upload, answer);
  const ListedBlocks listed = answer.status == 200 ? read_block_list(answer.body.data) : ListedBlocks();
  if (listed.committed) {
    upload.step = UploadStep::compare;
    return {};
  }
  for (std::size_t i = 0; i < upload.blocks.size(); ++i) {
    const auto found = listed.uncommitted.find(upload.blocks[i].id);
    upload.there[i] = found != listed.uncommitted.end() && found->second == upload.blocks[i].size;
  }
  upload.found = blocks_there(upload);
  go_on_after_blocks(upload);
  return {};
}

UploadEnd take_block(Upload& upload, const HttpDetail& answer, const std::string& code) {
  if (code == "Md5Mismatch") return {UploadState::try_again, "a block was damaged on its way"};
  if (answer.status != 201) return refused(upload, answer);
  upload.there[next_block(upload)] = true;
  go_on_after_blocks(upload);
  return {};
}

UploadEnd take_commit(Upload& upload, const HttpDetail& answer, const std::string& code) {
  if (answer.status == 201) return finish(upload);
  if (code == "BlobAlreadyExists" || answer.status == 412) {
    upload.step = UploadStep::compare;
    return {};
  }
  if (code != "InvalidBlockList" || upload.began_again) return refused(upload, answer);
  upload.began_again = true;  // it keeps blocks for a week, or an answer was lost on its way
  upload.there.assign(upload.blocks.size(), false);
  upload.step = UploadStep::list_blocks;
  return {};
}

UploadEnd take_comparison(Upload& upload, const HttpDetail& answer) {
  if (answer.status == 403 || answer.status == 401)
    return given_up("a blob of that name is there already, and what it holds cannot be read with this " +
                    std::string(with_sas(upload) ? "SAS" : "identity") + "; it was left as it is");
  if (answer.status != 200) return refused(upload, answer);
  const auto header = std::ranges::find(answer.headers, "content-md5", &std::pair<std::string, Bytes>::first);
  if (header == answer.headers.end() || header->second.data != upload.md5)
    return given_up("another blob of that name is there already; it was left as it is");
  upload.existed = true;
  return finish(upload);
}

void add_block(HttpSpec& spec, const Upload& upload) {
  const Block& block = upload.blocks[next_block(upload)];
  spec.method = "PUT";
  spec.body = upload.content.substr(block.offset, block.size);
  spec.headers.emplace_back("Content-Type", "application/octet-stream");
  spec.headers.emplace_back("Content-MD5", block.md5);
}

void add_commit(HttpSpec& spec, const Upload& upload) {
  spec.method = "PUT";
  spec.body = block_list(upload.blocks);
  spec.headers.emplace_back("Content-Type", "application/xml");
  spec.headers.emplace_back("Content-MD5", md5_of(spec.body));
  spec.headers.emplace_back("If-None-Match", "*");
  spec.headers.emplace_back("x-ms-blob-content-type", "application/gzip");
  spec.headers.emplace_back("x-ms-blob-content-md5", upload.md5);
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

UploadEnd take_by_step(Upload& upload, const HttpDetail& answer) {
  const std::string code = storage_code(answer);
  switch (upload.step) {
    case UploadStep::list_blocks:
      return take_list(upload, answer, code);
    case UploadStep::send_blocks:
      return take_block(upload, answer, code);
    case UploadStep::commit:
      return take_commit(upload, answer, code);
    case UploadStep::compare:
      return take_comparison(upload, answer);
    case UploadStep::over:
      break;
  }
  return {UploadState::done, ""};
}

}  // namespace

Upload begin_upload(BlobContainer container, const std::string& file, std::string content) {
  Upload upload;
  upload.container = std::move(container);
  const std::string name = base_name(file).substr(0, 200);
  const std::size_t dot = std::min(name.find(".tar"), name.size());
  upload.blob =
      fmt::format("{}-{}{}", name.substr(0, dot), sha256_hex(content).substr(0, 12), name.substr(dot));
  upload.md5 = md5_of(content);
  upload.blocks = blocks_of(content);
  upload.content = std::move(content);
  upload.there.assign(upload.blocks.size(), false);
  return upload;
}

std::size_t blocks_there(const Upload& upload) {
  return static_cast<std::size_t>(std::ranges::count(upload.there, true));
}

HttpSpec next_request(const Upload& upload) {
  HttpSpec spec;
  std::string query;
  spec.verified = true;
  spec.headers = {{"x-ms-version", kStorageVersion}};
  if (!upload.token.empty()) spec.headers.emplace_back("Authorization", "Bearer " + upload.token);
  if (upload.step == UploadStep::list_blocks) {
    query = "comp=blocklist&blocklisttype=all";
    spec.body_limit = kLongestList;
  } else if (upload.step == UploadStep::send_blocks) {
    query = "comp=block&blockid=" + percent_encoded(upload.blocks[next_block(upload)].id);
    add_block(spec, upload);
  } else if (upload.step == UploadStep::commit) {
    query = "comp=blocklist";
    add_commit(spec, upload);
  } else {
    spec.method = "HEAD";
  }
  spec.url = blob_url(upload.container, upload.blob, query);
  return spec;
}

UploadEnd take_answer(Upload& upload, const HttpDetail& answer) {
  if (answer.status != 0 && !is_of_storage(answer)) {
    const bool passing = is_passing_status(answer.status);
    return {passing ? UploadState::try_again : UploadState::given_up,
            fmt::format("something on the way answers in place of storage (HTTP {})", answer.status)};
  }
  if (answer.status == 401 && !upload.token.empty() && !upload.renewed) {
    upload.token.clear();
    upload.renewed = true;
    return {};
  }
  UploadEnd end = take_by_step(upload, answer);
  if (end.state == UploadState::going_on) upload.renewed = false;
  return end;
}

}  // namespace amlnet
