#include "signalr/hub/hub_protocols.hpp"

#include <algorithm>

#include <saker/http/message/headers.hpp>

namespace saker::signalr {

hub_protocols::hub_protocols(const hub_options& options) : own_(options.protocols) {
  const auto add = [&](const hub_protocol& each) {
    if (!find(each.name())) all_.push_back({&each, all_.size()});
  };
  for (const auto& each : own_) add(*each);
  add(json_protocol());
  add(messagepack_protocol());
}

const spoken_protocol* hub_protocols::find(std::string_view name) const noexcept {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& each) {
    return equals_ignoring_case(each.how->name(), name);
  });
  return found == all_.end() ? nullptr : &*found;
}

bool is_supported(const hub_options& options, const hub_protocol& protocol) noexcept {
  const auto& allowed = options.supported_protocols;
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const auto& each) {
           return equals_ignoring_case(each, protocol.name());
         });
}

}  // namespace saker::signalr
