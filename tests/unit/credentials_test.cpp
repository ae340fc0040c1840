#include "agent/identity/credentials.h"

#include <gmock/gmock.h>

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kClient = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d";
constexpr const char* kOther = "3f1c5a7e-09b2-4f4e-8d7a-51c0e9a2b6d4";

std::map<std::string, std::string> principal() {
  return {{"AZURE_TENANT_ID", "contoso.com"}, {"AZURE_CLIENT_ID", kClient}, {"AZURE_CLIENT_SECRET", "s"}};
}

TEST(Credentials, TheLadderOfAuto) {
  using M = IdentityMethod;
  auto all = principal();
  all["MSI_ENDPOINT"] = "http://127.0.0.1:1/";
  all["MSI_SECRET"] = "x";
  const auto choose = [](const auto& environment, IdentityChoice choice, bool metadata = true) {
    return methods_for(choice, read_credentials(environment), metadata);
  };
  EXPECT_THAT(choose(all, IdentityChoice::automatic), ElementsAre(M::managed_endpoint, M::secret));
  EXPECT_THAT(choose(principal(), IdentityChoice::automatic), ElementsAre(M::secret, M::metadata));
  EXPECT_THAT(choose(principal(), IdentityChoice::automatic, false), ElementsAre(M::secret));
  EXPECT_THAT(choose(all, IdentityChoice::none), IsEmpty());
  EXPECT_THAT(choose(all, IdentityChoice::managed), ElementsAre(M::managed_endpoint));
  EXPECT_THAT(choose(principal(), IdentityChoice::managed, false), ElementsAre(M::metadata));
  EXPECT_THAT(choose(all, IdentityChoice::device_code), ElementsAre(M::device_code));
  EXPECT_THAT(choose(all, IdentityChoice::azure_cli), ElementsAre(M::azure_cli));
  all.erase("MSI_SECRET");  // an endpoint without its secret is none
  EXPECT_THAT(choose(all, IdentityChoice::managed), ElementsAre(M::metadata));
}

TEST(Credentials, ACertificateWhereThereIsNoSecret) {
  auto environment = principal();
  environment.erase("AZURE_CLIENT_SECRET");
  EXPECT_THAT(methods_for(IdentityChoice::service_principal, read_credentials(environment), false),
              IsEmpty());
  environment["AZURE_CLIENT_CERTIFICATE_PATH"] = "/c.pem";
  EXPECT_THAT(methods_for(IdentityChoice::service_principal, read_credentials(environment), false),
              ElementsAre(IdentityMethod::certificate));
}

TEST(Credentials, WhichIdentityIsNamed) {
  EXPECT_EQ(read_credentials({{"AZURE_CLIENT_ID", kClient}}).managed_client_id, kClient);
  EXPECT_EQ(read_credentials(principal()).managed_client_id, "");  // there it is the application's
  EXPECT_EQ(read_credentials({{"AZURE_CLIENT_ID", kClient}, {"DEFAULT_IDENTITY_CLIENT_ID", kOther}})
                .managed_client_id,
            kOther);
  const auto strange = read_credentials({{"AZURE_CLIENT_ID", "a&b=c"}, {"AZURE_TENANT_ID", "../x"}});
  EXPECT_EQ(strange.client_id + strange.tenant + strange.managed_client_id, "");
}

TEST(Credentials, WhenNoTokenIsAFinding) {
  EXPECT_FALSE(expects_identity(IdentityChoice::automatic, {}));
  EXPECT_TRUE(expects_identity(IdentityChoice::managed, {}));
  EXPECT_TRUE(expects_identity(IdentityChoice::automatic,
                               read_credentials({{"DEFAULT_IDENTITY_CLIENT_ID", kOther}})));
  EXPECT_FALSE(expects_identity(IdentityChoice::none, read_credentials({{"AZURE_CLIENT_ID", kOther}})));
}

}  // namespace
}  // namespace amlnet
