// One upload as a sequence of requests and answers: asks which blocks are there from before, sends the
// others, puts the blob together, never over one that exists. Pure, so that it can be cut at every point:
// agent/run/upload.h sends the requests. https://learn.microsoft.com/rest/api/storageservices/put-block
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/upload/blocks.h"
#include "agent/upload/container.h"
#include "probes/record.h"
#include "probes/spec.h"

namespace amlnet {

enum class UploadStep { list_blocks, send_blocks, commit, compare, over };

struct Upload {
  BlobContainer container;
  std::string blob;  // its name in the container
  std::string content, md5;
  std::vector<Block> blocks;
  std::vector<bool> there;  // which of them storage has
  std::size_t found = 0;    // of these, how many it had from before
  std::string token;        // secret; "" with a SAS, and until one was had
  UploadStep step = UploadStep::list_blocks;
  bool existed = false;      // the same blob was there already
  bool began_again = false;  // storage had lost blocks, once
  bool renewed = false;      // the token was refused, and storage took nothing since
};

/// `file` is a path: the blob gets its name and a part of the content's hash before the ending, so that
/// bundles of different nodes never meet and a further run finds what an earlier one left. `content` is not
/// empty.
Upload begin_upload(BlobContainer container, const std::string& file, std::string content);

std::size_t blocks_there(const Upload& upload);

/// What to send now, without address; carries a secret, so it is only for a peer that verifies. Not for
/// UploadStep::over.
HttpSpec next_request(const Upload& upload);

enum class UploadState { going_on, done, try_again, given_up };
struct UploadEnd {
  UploadState state = UploadState::going_on;
  std::string problem;  // for people; nothing of the request, and of the answer only its status and code
};

/// Takes the answer to next_request(). `try_again` leaves the upload where it was. A token that storage
/// refuses, perhaps since it has expired, is cleared once between two requests that it takes: the same
/// request is next, with another token.
UploadEnd take_answer(Upload& upload, const HttpDetail& answer);

}  // namespace amlnet
