// Hosts, service tags and ports in the words of documentation, and the Markdown they stand in.
#include "agent/catalog/documented_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "agent/catalog/documented_needs.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> keys_in(const std::string& markdown) {
  std::vector<std::string> keys;
  for (const PrintedHost& host : hosts_in(markdown)) keys.push_back(host_key(host.text));
  return keys;
}

TEST(DocumentedNames, HostsInTheSpellingsOfPages) {
  EXPECT_THAT(keys_in("ml.azure.com"), ElementsAre("ml.azure.com"));
  EXPECT_THAT(keys_in("\\*.azureml.ms"), ElementsAre("*.azureml.ms"));
  EXPECT_THAT(keys_in("*.azureml.ms"), ElementsAre("*.azureml.ms"));
  EXPECT_THAT(keys_in("`*.azureml.ms`"), ElementsAre("*.azureml.ms"));
  EXPECT_THAT(keys_in("**anaconda.com**</br>**\\*.anaconda.com**"),
              ElementsAre("anaconda.com", "*.anaconda.com"));
  EXPECT_THAT(keys_in("**\\*pytorch.org**"), ElementsAre("*.pytorch.org"));
  EXPECT_THAT(keys_in("\\<storage\\>.file.core.windows.net"), ElementsAre("*.file.core.windows.net"));
  EXPECT_THAT(keys_in("`<your ACR name>.<region>.data.azurecr.io`"), ElementsAre("*.data.azurecr.io"));
  EXPECT_THAT(keys_in("`{account}.blob.core.windows.net`"), ElementsAre("*.blob.core.windows.net"));
  EXPECT_THAT(keys_in("`<id>.workspace.<region>.api.azureml.ms`"),
              ElementsAre("*.workspace.*.api.azureml.ms"));
  EXPECT_THAT(keys_in("**raw.githubusercontent.com/microsoft/tools/master/x_y.com/\\***"),
              ElementsAre("raw.githubusercontent.com"));
  EXPECT_THAT(keys_in("`https://github.com/microsoft/a.io/*`"), ElementsAre("github.com"));
  EXPECT_THAT(keys_in("See [the page](https://learn.microsoft.com/x), or ML.Azure.COM."),
              ElementsAre("ml.azure.com"));
}

TEST(DocumentedNames, WhatIsNoHostIsLeftOut) {
  for (const char* text : {"requirements.txt", "e.g. this", "10.0.0.0/24", "a..com", ".com", "*.com.",
                           "README.md", "", "<b>", "`azureml.core.Workspace`", "*.*", "com"})
    EXPECT_THAT(keys_in(text), IsEmpty()) << text;
  EXPECT_THAT(keys_in(std::string(300, 'a') + ".com"), IsEmpty());
}

TEST(DocumentedNames, MarksAndPortsOfHosts) {
  const auto hosts = hosts_in("plain.com, **strong.com**, `code.com:8443`");
  ASSERT_EQ(hosts.size(), 3u);
  EXPECT_FALSE(hosts[0].marked);
  EXPECT_TRUE(hosts[1].marked);
  EXPECT_TRUE(hosts[2].marked);
  EXPECT_EQ(hosts[1].port, 0);
  EXPECT_EQ(hosts[2].port, 8443);
}

TEST(DocumentedNames, Tags) {
  EXPECT_THAT(tags_in("Storage.region       "), ElementsAre("Storage.region"));
  EXPECT_THAT(tags_in("AzureFrontDoor.FrontEnd</br>* Not needed in Azure China."),
              ElementsAre("AzureFrontDoor.FrontEnd"));
  EXPECT_THAT(tags_in("`MicrosoftContainerRegistry` and `AzureFrontDoor.FirstParty`"),
              ElementsAre("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"));
  EXPECT_THAT(tags_in("`BatchNodeManagement.<region>`"), ElementsAre("BatchNodeManagement.<region>"));
  EXPECT_THAT(tags_in("**AzureMonitor**"), ElementsAre("AzureMonitor"));
  EXPECT_THAT(tags_in(""), IsEmpty());
  EXPECT_THAT(tags_in("* | `"), IsEmpty());
}

using Ports = std::set<std::pair<Transport, std::uint16_t>>;
constexpr auto kTcp = Transport::tcp, kUdp = Transport::udp, kEither = Transport::either;

TEST(DocumentedNames, PortsAndTransports) {
  EXPECT_EQ(ports_in("443, 8787").ports, (Ports{{kEither, 443}, {kEither, 8787}}));
  EXPECT_EQ(ports_in("443", kTcp).ports, (Ports{{kTcp, 443}}));
  EXPECT_EQ(ports_in("443, 8787<br>UDP: 5831", kTcp).ports, (Ports{{kTcp, 443}, {kTcp, 8787}, {kUdp, 5831}}));
  EXPECT_EQ(ports_in("TCP 80, UDP 53").ports, (Ports{{kTcp, 80}, {kUdp, 53}}));
  EXPECT_EQ(ports_in("80 (TCP), 53/UDP").ports, (Ports{{kTcp, 80}, {kUdp, 53}}));
  EXPECT_EQ(ports_in("Allow outbound TCP and UDP 443 to the tag.").ports, (Ports{{kEither, 443}}));
  EXPECT_EQ(ports_in("https:443, http:80").ports, (Ports{{kTcp, 443}, {kTcp, 80}}));
  EXPECT_EQ(ports_in("8704-8706").ports, (Ports{{kEither, 8704}, {kEither, 8705}, {kEither, 8706}}));
  EXPECT_EQ(ports_in("99999, 0, 443").ports, (Ports{{kEither, 443}}));
  EXPECT_TRUE(ports_in("*").any);
  EXPECT_TRUE(ports_in("Any").any);
  EXPECT_TRUE(ports_in("1-65535").any);
  EXPECT_FALSE(ports_in("443").any);
  EXPECT_EQ(transport_in("TCP"), kTcp);
  EXPECT_EQ(transport_in("UDP"), kUdp);
  EXPECT_EQ(transport_in("TCP/UDP"), kEither);
  EXPECT_EQ(transport_in("ANY"), kEither);
}

// ---- pages -----------------------------------------------------------------------------------------------

struct Shown {
  std::string key;
  std::optional<Cloud> cloud;
  std::size_t ports;
  int line;
  bool operator==(const Shown&) const = default;
};

std::vector<Shown> shown(const std::string& page) {
  std::vector<Shown> all;
  for (const DocumentedNeed& need : needs_of(read_markdown(page)))
    all.push_back({need.key, need.cloud, need.ports.ports.size(), need.line});
  return all;
}

TEST(DocumentedNeeds, ACloudForEachColumn) {
  EXPECT_THAT(
      shown("| **Required for** | **Azure public** | **Azure Government** | **Azure China 21Vianet** |\n"
            "| --- | --- | :---: | --- |\n"
            "| Studio | ml.azure.com | ml.azure.us | studio.ml.azure.cn |\n"
            "| Notebook | \\*.aznbcontent.net |  | |\n"),
      ElementsAre(Shown{"ml.azure.com", Cloud::public_, 0, 3}, Shown{"ml.azure.us", Cloud::usgov, 0, 3},
                  Shown{"studio.ml.azure.cn", Cloud::china, 0, 3},
                  Shown{"*.aznbcontent.net", Cloud::public_, 0, 4}));
}

TEST(DocumentedNeeds, ACloudForEachTab) {
  EXPECT_THAT(
      shown("# [Azure Government](#tab/gov)\n\n| __Hosts__ | __Protocol__ | __Ports__ |\n|---|---|---|\n"
            "| `ml.azure.us` | TCP | 443, 80 |\n\n---\n\n| Hosts |\n| --- |\n| a.com |\n"),
      ElementsAre(Shown{"ml.azure.us", Cloud::usgov, 2, 5}, Shown{"a.com", std::nullopt, 0, 11}));
}

TEST(DocumentedNeeds, TagsAndDirections) {
  EXPECT_THAT(
      shown("> | Service tag | Protocol | Port |\n> | --- |:-:|:-:|\n> | Storage.region | TCP | 443 |\n"),
      ElementsAre(Shown{"storage.region", std::nullopt, 1, 3}));
  EXPECT_THAT(shown("| Source | Source<br>ports | Destination | Destination<b>ports |\n|---|---|---|---|\n"
                    "| `AzureMachineLearning` | Any | `VirtualNetwork` | 44224 |\n"
                    "| `VirtualNetwork` | Any | `AzureMonitor` | 443 |\n"),
              ElementsAre(Shown{"azuremachinelearning", std::nullopt, 1, 3},
                          Shown{"azuremonitor", std::nullopt, 1, 4}));
}

TEST(DocumentedNeeds, HostsInReasonsOnlyWhereMarked) {
  EXPECT_THAT(
      shown("| Host name | Purpose |\n|---|---|\n| a.com | like b.com; also **\\*.c.com** \\| d.com |\n"),
      ElementsAre(Shown{"a.com", std::nullopt, 0, 3}, Shown{"*.c.com", std::nullopt, 0, 3}));
}

TEST(DocumentedNeeds, ItemsThatAreHosts) {
  EXPECT_THAT(
      shown("* **dc.services.visualstudio.com**\n- `*.in.example.com`: why\n* see `x.com`\n1. `y.com`\n"
            "* __Name__: `z.com`\n```\n* `code.com`\n```\n"),
      ElementsAre(Shown{"dc.services.visualstudio.com", std::nullopt, 0, 1},
                  Shown{"*.in.example.com", std::nullopt, 0, 2}, Shown{"y.com", std::nullopt, 0, 4}));
}

TEST(DocumentedNeeds, TablesOfOtherThingsAreNone) {
  EXPECT_THAT(shown("| Port | Description |\n|---|---|\n| 80 | `a.com` |\n"), IsEmpty());
  EXPECT_THAT(shown("| Hosts |\nno delimiter\n| a.com |\n"), IsEmpty());
  EXPECT_THAT(shown("```\n| Hosts |\n|---|\n| a.com |\n```\n"), IsEmpty());
}

TEST(Markdown, Titles) {
  EXPECT_THAT(read_markdown("---\ntitle: 'One'\n---\n# <a name=\"x\"></a>Two\n# Three\n").titles,
              ElementsAre("One", "Two"));
}

TEST(Markdown, AnyBytesAreRead) {
  std::mt19937 random(7);
  const std::string marks = "|-`*_<>[]()#\\{}:.\n\n azAZ09\x01\xc3";
  for (int round = 0; round < 3000; ++round) {
    std::string page(random() % 400, ' ');
    for (char& c : page) c = random() % 4 == 0 ? static_cast<char>(random()) : marks[random() % marks.size()];
    if (round % 3 == 0) page = "| hosts | ports |\n|---|---|\n|" + page;
    for (const DocumentedNeed& need : needs_of(read_markdown(page))) {
      EXPECT_FALSE(need.key.empty());
      EXPECT_LE(need.key.size(), 253u);
    }
  }
}

}  // namespace
}  // namespace amlnet
