#include "client.hpp"

#include <utility>

namespace saker::simulation {

link& client::open_link(link_user& user) {
  links_.push_back(
      std::make_unique<link>(world_.times(), choices_.fork(1000 + links_.size()), how_, user));
  return *links_.back();
}

void client::leave() {
  for (auto& each : links_) {
    if (each->over()) continue;
    switch (choices_.below(3)) {
      case 0: each->vanish(); break;
      case 1: each->reset(); break;
      default:
        each->end();
        each->vanish();
        break;
    }
  }
}

bool client::all_links_over() const {
  for (const auto& each : links_) {
    if (!each->over() && !each->server_gone()) return false;
  }
  return true;
}

std::size_t client::held() const {
  std::size_t bytes = 0;
  for (const auto& each : links_) bytes += each->held();
  return bytes;
}

std::size_t client::live_links() const {
  std::size_t count = 0;
  for (const auto& each : links_) {
    if (!each->server_gone()) ++count;
  }
  return count;
}

std::string client::describe_links() const {
  std::string text;
  for (const auto& each : links_) {
    if (each->server_gone()) continue;
    text += " [link: arrived " + std::to_string(each->arrived()) + ", received " +
            std::to_string(each->received()) + (each->client_gone() ? ", client gone" : "") +
            (each->was_reset() ? ", reset" : "") + "]";
  }
  return text;
}

void client::fail(const std::string& what) const {
  world_.fail("client " + std::to_string(index_) + " (" + name() + "): " + what);
}

void client::note(const std::string& what) const {
  if (world_.what().trace) world_.note("client " + std::to_string(index_) + ": " + what);
}

}  // namespace saker::simulation
