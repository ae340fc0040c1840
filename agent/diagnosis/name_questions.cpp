// Names that fail, asked again: a server that forwards by halves answers rightly now and wrongly then.
#include <algorithm>
#include <set>

#include "agent/diagnosis/questions.h"

namespace amlnet {
namespace {

constexpr int kTimes = 4;              // with the first answer five (failures.md, class 9)
constexpr std::size_t kMostNames = 4;  // of one server: one that flaps, flaps for all

bool may_flap(const Trail& trail) {
  return trail.progress == Progress::failed && trail.stage == TrailStage::name && !trail.proxied &&
         trail.names() &&
         (trail.name_fault == NameFault::public_address || trail.name_fault == NameFault::no_address);
}

bool was_repeated(const Case& c, const std::string& name) {
  const auto found = c.follow_up.find(name);
  return found != c.follow_up.end() && std::any_of(found->second.begin(), found->second.end(),
                                                   [](const auto* r) { return r->control == "repeat"; });
}

}  // namespace

void ask_names_again(const Case& c, std::vector<FollowUp>& asked) {
  std::map<std::string, std::set<std::string>> names;  // by server
  for (const auto& trail : c.trails) {
    if (!may_flap(trail) || was_repeated(c, trail.endpoint->host)) continue;
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
