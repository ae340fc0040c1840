#include "agent/diagnosis/responders.h"

#include <gmock/gmock.h>

namespace amlnet {
namespace {

using testing::IsEmpty;

std::vector<std::string> hosts(const std::vector<std::string>& ocsp, const std::vector<std::string>& crl) {
  Certificate leaf;
  leaf.ocsp = ocsp;
  leaf.crl = crl;
  std::vector<std::string> found;
  for (const auto& one : responders_of(leaf)) found.push_back((one.ocsp ? "ocsp " : "crl ") + one.host);
  return found;
}

TEST(Responders, EachHostOnceAndOcspFirst) {
  EXPECT_THAT(hosts({"http://ocsp.a.test/x", "HTTP://OCSP.a.test:80"},
                    {"http://crl.a.test/a.crl?b", "http://ocsp.a.test/c"}),
              testing::ElementsAre("ocsp ocsp.a.test", "crl crl.a.test"));
}

TEST(Responders, ACertificateLeadsNowhereElse) {
  for (const std::string url :
       {"", "http://", "https://a.test/", "ldap://a.test/", "ftp://a.test/", "http://a.test:8080/",
        "http://u:p@a.test/", "http://10.0.0.1/", "http://169.254.169.254/metadata", "http://[::1]/",
        "http://localhost/", "http://a..test/", "http://.a.test/", "http://a.test./", "http://a_b.test/",
        "http://a.test/\r\nX: y", "http://a.test\\@b.test/", "http://a.test/ b", "//a.test/"})
    EXPECT_THAT(hosts({url}, {url}), IsEmpty()) << url;
  EXPECT_THAT(hosts({"http://a.test/" + std::string(600, 'x')}, {}), IsEmpty());
  EXPECT_THAT(hosts({"http://" + std::string(260, 'a') + ".test/"}, {}), IsEmpty());
}

}  // namespace
}  // namespace amlnet
