#include "signalr/cost.hpp"

#include <string>

namespace saker::signalr {
namespace {

/// What the system keeps of each allocation for itself.
constexpr std::size_t allocation = 16;
/// Of a std::map, besides key and value.
constexpr std::size_t map_node = 32 + allocation;

std::size_t cost_of_text(const std::string& text) noexcept {
  constexpr std::size_t short_text = 15;
  return sizeof(std::string) + (text.size() > short_text ? text.size() + allocation : 0);
}

}  // namespace

std::size_t cost_of(const json& value) noexcept {
  std::size_t cost = sizeof value;
  switch (value.type()) {
    case json::value_t::string:
      cost += allocation + cost_of_text(value.get_ref<const std::string&>());
      break;
    case json::value_t::binary:
      cost += 2 * allocation + sizeof(json::binary_t) + value.get_binary().size();
      break;
    case json::value_t::array:
      cost += 2 * allocation + sizeof(json::array_t);
      for (const auto& each : value) cost += cost_of(each);
      break;
    case json::value_t::object:
      cost += allocation + sizeof(json::object_t);
      for (const auto& [name, each] : value.get_ref<const json::object_t&>()) {
        cost += map_node + cost_of_text(name) + cost_of(each);
      }
      break;
    default: break;
  }
  return cost;
}

}  // namespace saker::signalr
