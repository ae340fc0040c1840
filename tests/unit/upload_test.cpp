#include "agent/upload/upload.h"

#include <gmock/gmock.h>

#include "agent/commands/upload.h"
#include "agent/upload/storage_answer.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kUrl =
    "https://stws1.blob.core.windows.net/support/node7/?sv=2020-10-02&sp=cw&sig=a%2Bb%3D";

BlobContainer container_of(const std::string& url) {
  auto read = read_container_url(url);
  EXPECT_TRUE(std::holds_alternative<BlobContainer>(read)) << url;
  return std::get<BlobContainer>(read);
}

std::string error_of(const std::string& url) {
  const auto read = read_container_url(url);
  const auto* error = std::get_if<ConfigError>(&read);
  return error ? error->text : "";
}

HttpDetail answered(long status, const std::string& code = "", const std::string& body = "") {
  HttpDetail answer;
  answer.status = status;
  answer.headers = {{"x-ms-request-id", {"1"}}};
  if (!code.empty()) answer.headers.push_back({"x-ms-error-code", {code}});
  answer.body.data = body;
  return answer;
}

HttpDetail silent() {
  HttpDetail answer;
  answer.error = timed_out();
  return answer;
}

// Three blocks, of which storage has none.
Upload three_blocks(const std::string& url = kUrl) {
  Upload upload = begin_upload(container_of(url), "/x/y/bundle.tar.gz", std::string(600'000, 'x'));
  EXPECT_EQ(upload.blocks.size(), 3U);
  return upload;
}

UploadState take(Upload& upload, const HttpDetail& answer) {
  return take_answer(upload, answer).state;
}

TEST(UploadContainer, IsReadFromItsUrl) {
  const BlobContainer read = container_of(kUrl);
  EXPECT_EQ(read.shown, "https://stws1.blob.core.windows.net/support/node7");
  EXPECT_EQ(read.sas, "sv=2020-10-02&sp=cw&sig=a%2Bb%3D");
  EXPECT_EQ(read.host, "stws1.blob.core.windows.net");
  EXPECT_EQ(read.port, 443);
  EXPECT_EQ(read.cloud, Cloud::public_);
  EXPECT_EQ(blob_url(read, "a b.gz", "comp=blocklist"),
            "https://stws1.blob.core.windows.net/support/node7/a%20b.gz?comp=blocklist&"
            "sv=2020-10-02&sp=cw&sig=a%2Bb%3D");
  EXPECT_EQ(container_of("https://a.blob.core.chinacloudapi.cn/c").cloud, Cloud::china);
  EXPECT_EQ(container_of("https://127.0.0.1:10000/account/c?sig=x").shown,
            "https://127.0.0.1:10000/account/c");
  EXPECT_EQ(container_of("https://[fd00::1]/account/c?sig=x").host, "fd00::1");
}

TEST(UploadContainer, WhatIsWrongIsSaidWithoutTheSecret) {
  for (const char* url :
       {"http://a.blob.core.windows.net/c?sig=s3cret", "https://a.blob.core.windows.net/?sig=s3cret",
        "https://u:s3cret@a.blob.core.windows.net/c?sig=s3cret",
        "https://a.blob.core.windows.net/c?sg=s3cret", "https://127.0.0.1/c?sig=s3cret",
        "https://a.blob.core.windows.net/c&sv=1&sig=s3cret", "https://a.blob.core.windows.net/c%3Fsv=s3cret",
        "https://a.blob.core.windows.net/c/Sig=s3cret?sig=x",
        "https://a.blob.core.windows.net/c%3fsig%3Ds3cret", "https:///c?sig=s3cret",
        "https://a.b.net/c d?sig=s3cret", "s3cret", ""}) {
    EXPECT_THAT(error_of(url), HasSubstr("expected https://ACCOUNT.blob.core.windows.net/CONTAINER")) << url;
    EXPECT_THAT(error_of(url), Not(HasSubstr("s3cret"))) << url;
  }
}

TEST(UploadContainer, ATokenGoesToAzureAlone) {
  for (const char* host : {"blob.core.windows.net.evil.com", "evil.com", "blob.core.windows.net", "10.0.0.1"})
    EXPECT_THAT(error_of(std::string("https://") + host + "/a/c"), HasSubstr("only to hosts of")) << host;
  EXPECT_EQ(error_of("https://a.blob.core.windows.net/c"), "");
}

TEST(UploadContainer, KnowsItsSecrets) {
  EXPECT_THAT(secrets_in_url(kUrl),
              testing::ElementsAre("sv=2020-10-02&sp=cw&sig=a%2Bb%3D", "a%2Bb%3D", "a+b="));
  EXPECT_THAT(secrets_in_url("https://a.blob.core.windows.net/c"), testing::IsEmpty());
  EXPECT_THAT(secrets_in_url("https://a.blob.core.windows.net/design=c"), testing::IsEmpty());
}

TEST(UploadContainer, KnowsSignaturesBehindAnyDelimiter) {
  for (const char* url :
       {"https://a.b.net/c&sv=1&sig=a%2Bb%3D&se=2", "https://a.b.net/c%3Fsig=a%2Bb%3D",
        "https://a.b.net/c;SIG=a%2Bb%3D;se=2", "https://a.b.net/c%3fsv%3D1%26sig%3da%2Bb%3D%26se"})
    EXPECT_THAT(secrets_in_url(url), testing::ElementsAre("a%2Bb%3D", "a+b=")) << url;
}

TEST(UploadBlocks, TheSameContentHasTheSameIdsOfOneLength) {
  const std::string content(600'000, 'x');
  const auto blocks = blocks_of(content), again = blocks_of(content);
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[1].offset, kBlockBytes);
  EXPECT_EQ(blocks[2].size, 600'000 - 2 * kBlockBytes);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(blocks[i].id, again[i].id);
    EXPECT_EQ(blocks[i].id.size(), 44U);
  }
  EXPECT_NE(blocks[0].id, blocks[1].id);  // the same bytes at another place
  EXPECT_EQ(blocks[0].md5, blocks[1].md5);
  EXPECT_EQ(md5_of("abc"), "kAFQmDzST7DWlj99KOF/cg==");
}

TEST(UploadBlocks, ListsAreReadWhateverTheyHold) {
  const ListedBlocks listed = read_block_list(
      "<?xml "
      "version=\"1.0\"?><BlockList><CommittedBlocks/><UncommittedBlocks><Block><Name>AAA=</Name><Size>12</"
      "Size>"
      "</Block><Block><Name>BBB=</Name><Size>x</Size></Block><Block><Size>3</Size></Block></"
      "UncommittedBlocks>");
  EXPECT_FALSE(listed.committed);
  EXPECT_EQ(listed.uncommitted.at("AAA="), 12U);
  EXPECT_EQ(listed.uncommitted.count("BBB="), 0U);
  EXPECT_TRUE(
      read_block_list("<CommittedBlocks><Block><Name>A</Name><Size>1</Size></Block></CommittedBlocks>")
          .committed);
  EXPECT_TRUE(read_block_list("<UncommittedBlocks><Block><Name>").uncommitted.empty());
}

TEST(Upload, SendsWhatIsMissingAndPutsItTogether) {
  Upload upload = three_blocks();
  EXPECT_THAT(upload.blob, testing::MatchesRegex("bundle-[0-9a-f]{12}\\.tar\\.gz"));
  EXPECT_THAT(next_request(upload).url, HasSubstr("?comp=blocklist&blocklisttype=all&sv="));
  const std::string there = "<UncommittedBlocks><Block><Name>" + upload.blocks[1].id +
                            "</Name><Size>262144</Size></Block>" + "<Block><Name>" + upload.blocks[2].id +
                            "</Name><Size>7</Size></Block></UncommittedBlocks>";
  EXPECT_EQ(take(upload, answered(200, "", there)), UploadState::going_on);
  EXPECT_EQ(upload.found, 1U);  // of another size it is another block
  for (const std::size_t expected : {0U, 2U}) {
    const HttpSpec block = next_request(upload);
    EXPECT_EQ(block.method, "PUT");
    EXPECT_EQ(block.body.size(), upload.blocks[expected].size);
    EXPECT_TRUE(block.verified);
    EXPECT_EQ(take(upload, answered(201)), UploadState::going_on);
  }
  const HttpSpec commit = next_request(upload);
  EXPECT_THAT(commit.headers, testing::Contains(testing::Pair("If-None-Match", "*")));
  EXPECT_THAT(commit.body, HasSubstr("<Uncommitted>" + upload.blocks[2].id + "</Uncommitted>"));
  EXPECT_EQ(take(upload, answered(201)), UploadState::done);
}

TEST(Upload, ACutLeavesItWhereItWas) {
  Upload upload = three_blocks();
  take(upload, answered(404, "BlobNotFound"));
  take(upload, answered(201));
  for (const HttpDetail& cut : {silent(), answered(503, "ServerBusy"), answered(400, "Md5Mismatch")}) {
    EXPECT_EQ(take(upload, cut), UploadState::try_again);
    EXPECT_EQ(blocks_there(upload), 1U);
    EXPECT_EQ(upload.step, UploadStep::send_blocks);
  }
}

TEST(Upload, AnswersOfOthersAreNoSuccess) {
  Upload upload = three_blocks();
  HttpDetail page;
  for (const long status : {200L, 201L, 302L, 403L}) {
    page.status = status;
    const UploadEnd end = take_answer(upload, page);
    EXPECT_EQ(end.state, UploadState::given_up);
    EXPECT_THAT(end.problem, StartsWith("something on the way answers in place of storage"));
  }
  page.status = 502;
  EXPECT_EQ(take(upload, page), UploadState::try_again);
  EXPECT_EQ(upload.step, UploadStep::list_blocks);
}

TEST(Upload, ABlobThatExistsIsComparedAndNeverReplaced) {
  for (const bool same : {true, false}) {
    Upload upload = three_blocks();
    for (const HttpDetail& answer : {answered(404, "BlobNotFound"), answered(201), answered(201),
                                     answered(201), answered(409, "BlobAlreadyExists")})
      EXPECT_EQ(take(upload, answer), UploadState::going_on);
    EXPECT_EQ(next_request(upload).method, "HEAD");
    HttpDetail head = answered(200);
    head.headers.push_back({"content-md5", {same ? upload.md5 : md5_of("other")}});
    EXPECT_EQ(take(upload, head), same ? UploadState::done : UploadState::given_up);
    EXPECT_EQ(upload.existed, same);
  }
}

TEST(Upload, LostBlocksAreSentOnceMore) {
  Upload upload = three_blocks();
  for (int round = 0; round < 2; ++round) {
    take(upload, answered(404, "BlobNotFound"));
    for (int i = 0; i < 3; ++i) take(upload, answered(201));
    EXPECT_EQ(upload.step, UploadStep::commit);
    EXPECT_EQ(take(upload, answered(400, "InvalidBlockList")),
              round == 0 ? UploadState::going_on : UploadState::given_up);
  }
}

TEST(Upload, ASasThatMayOnlyWriteSendsAll) {
  Upload upload = three_blocks();
  EXPECT_EQ(take(upload, answered(403, "AuthorizationPermissionMismatch")), UploadState::going_on);
  EXPECT_EQ(upload.step, UploadStep::send_blocks);
  Upload with_token = three_blocks("https://a.blob.core.windows.net/c");
  with_token.token = "t";
  EXPECT_EQ(take(with_token, answered(403, "AuthorizationPermissionMismatch")), UploadState::given_up);
}

Upload with_token() {
  Upload upload = three_blocks("https://a.blob.core.windows.net/c");
  upload.token = "t";
  return upload;
}

TEST(Upload, ATokenThatIsRefusedIsRenewedOnceUntilStorageTakesSomething) {
  Upload upload = with_token();
  const HttpDetail expired = answered(401, "InvalidAuthenticationInfo");
  for (const HttpDetail& taken : {answered(404, "BlobNotFound"), answered(201), answered(201)}) {
    const UploadStep before = upload.step;
    const std::size_t there = blocks_there(upload);
    EXPECT_EQ(take(upload, expired), UploadState::going_on);
    EXPECT_EQ(upload.token, "");
    EXPECT_EQ(upload.step, before);
    EXPECT_EQ(blocks_there(upload), there);
    upload.token = "another";
    EXPECT_EQ(take(upload, silent()), UploadState::try_again);  // nothing was taken yet
    EXPECT_EQ(take(upload, taken), UploadState::going_on);
  }
  EXPECT_EQ(take(upload, expired), UploadState::going_on);
  upload.token = "another";
  EXPECT_EQ(take(upload, silent()), UploadState::try_again);
  const UploadEnd end = take_answer(upload, expired);
  EXPECT_EQ(end.state, UploadState::given_up);
  EXPECT_THAT(end.problem, HasSubstr("the token was not recognized"));
}

TEST(Upload, WithoutASasTheWordsAreOfTheIdentityAlsoBeforeItHasAToken) {
  Upload upload = with_token();
  upload.token.clear();
  const UploadEnd end = take_answer(upload, answered(401, "NoAuthenticationInformation"));
  EXPECT_EQ(end.state, UploadState::given_up);
  EXPECT_THAT(end.problem, HasSubstr("the token was not recognized"));
  EXPECT_EQ(take(upload, answered(403, "AuthorizationPermissionMismatch")), UploadState::given_up);
  Upload sas = three_blocks();
  EXPECT_THAT(take_answer(sas, answered(401, "InvalidAuthenticationInfo")).problem,
              HasSubstr("the SAS was not recognized"));
}

TEST(UploadFile, WhatIsNoGzipIsNotSent) {
  CheckOptions options;
  options.upload = "no URL: nothing could be sent";
  testing::internal::CaptureStderr();
  EXPECT_EQ(upload_file(options, "/dev/null"), 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("/dev/null is no bundle"));
}

TEST(UploadProblem, IsStoragesCodeAndItsMeaning) {
  EXPECT_EQ(storage_problem(answered(403, "AuthenticationFailed"), true),
            "HTTP 403 AuthenticationFailed: the SAS is wrong or has expired (or this node's clock is wrong)");
  EXPECT_THAT(storage_problem(answered(403, "AuthorizationPermissionMismatch"), false),
              HasSubstr("Storage Blob Data Contributor"));
  EXPECT_EQ(storage_problem(answered(403, "sig=s3cret"), true), "HTTP 403");
  EXPECT_EQ(storage_problem(silent(), true), "no answer in time");
}

}  // namespace
}  // namespace amlnet
