// Host names, service tags and ports in the words of documentation: "\*.azureml.ms", `Storage.<region>`,
// "443, 8787<br>UDP: 5831". Comparing the catalog with newer documentation reads cells with it. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amlnet {

/// A host as it is printed, without emphasis, scheme and path.
struct PrintedHost {
  std::string text;
  bool marked = false;     // in code or emphasis
  std::uint16_t port = 0;  // "host:8443"; 0 where none is printed
};

/// The hosts in a piece of Markdown. The targets of links are none. Linear in the length of the piece.
std::vector<PrintedHost> hosts_in(std::string_view markdown);

/// One spelling for all that mean the same host: lower case, "*" for each label with a placeholder or star in
/// it, a run of them at the beginning once. "<storage>.blob.core.windows.net" -> "*.blob.core.windows.net".
std::string host_key(std::string_view host);

/// The service tags of a cell: those in code, else the first word.
std::vector<std::string> tags_in(std::string_view markdown);

/// The spellings under which a tag may be known, the most exact first: "Storage.region" -> "storage.region",
/// "storage".
std::vector<std::string> tag_keys(std::string_view tag);

enum class Transport { tcp, udp, either };  // either: the documentation says both, or nothing

struct PrintedPorts {
  std::set<std::pair<Transport, std::uint16_t>> ports;
  bool any = false;  // "*", "Any", or a range of more than a thousand
};

/// The ports of a cell or a sentence; `transport` is what holds where it says none.
PrintedPorts ports_in(std::string_view markdown, Transport transport = Transport::either);

/// The transport that a "Protocol" cell names.
Transport transport_in(std::string_view markdown);

}  // namespace amlnet
