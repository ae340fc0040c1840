// Names that fail, asked again: a server that forwards by halves answers rightly now and wrongly then.
#include <map>
#include <set>

#include "agent/diagnosis/questions.h"

namespace amlnet {
namespace {

constexpr int kTimes = 4;              // with the first answer five (failures.md, class 9)
constexpr std::size_t kMostNames = 4;  // of one server: one that flaps, flaps for all

}  // namespace

bool may_flap(const Trail& trail) {
  return trail.open_at(TrailStage::name) && !trail.proxied && trail.names() &&
         (trail.name_fault == NameFault::public_address || trail.name_fault == NameFault::no_address);
}

void ask_names_again(const Case& c, std::vector<FollowUp>& asked) {
  std::map<std::string, std::set<std::string>> names;  // by server
  for (const auto& trail : c.trails) {
    if (!may_flap(trail) || !c.follow_ups_at(trail.endpoint->host, "repeat").empty()) continue;
    for (const auto& view : c.configured_views(trail)) {
      auto& known = names[view.server];
      if (!definitive(view.reply) || known.size() >= kMostNames || !known.insert(trail.endpoint->host).second)
        continue;
      for (int i = 0; i < kTimes; ++i) {
        FollowUp again;
        again.endpoint = trail.index;
        again.control = "repeat";
        again.server = view.server;
        DnsSpec spec;
        spec.name = trail.endpoint->host;
        spec.type = view.answer->type;
        spec.edns = view.answer->edns;
        again.then = spec;
        asked.push_back(std::move(again));
      }
    }
  }
}

}  // namespace amlnet
