#include "system.hpp"

#include <algorithm>
#include <cerrno>

#include "link.hpp"

namespace saker::simulation {

server_socket::~server_socket() { over_.close_server(reset_at_close); }

std::uint32_t server_socket::ready() const { return over_.ready(); }

std::uint32_t timer::ready() const {
  return due != 0 && due <= system::instance().now() ? static_cast<std::uint32_t>(EPOLLIN) : 0U;
}

std::uint32_t event_poll::ready() const {
  const bool any =
      std::ranges::any_of(interests, [](const interest& each) { return each.news() != 0; });
  return any ? static_cast<std::uint32_t>(EPOLLIN) : 0U;
}

std::uint32_t event_poll::interest::news() const {
  const auto* const target = system::instance().find(descriptor);
  if (!target) return 0;
  const auto events = target->ready() & (wanted.events | EPOLLERR | EPOLLHUP);
  return (events & ~reported) != 0 ? events : 0U;
}

system& system::instance() {
  static system made;
  return made;
}

void system::restart(random choices) {
  choices_ = choices;
  files_.clear();
  timers_.clear();
  listeners_.clear();
  advance_to(beginning);
}

nanoseconds system::next_timer() const noexcept {
  nanoseconds first = -1;
  for (const auto* const each : timers_) {
    if (each->due > now() && (first < 0 || each->due < first)) first = each->due;
  }
  return first;
}

int system::add(std::unique_ptr<file> made) {
  if (auto* const clock = as<timer>(made.get())) timers_.push_back(clock);
  if (auto* const listener = as<listening_socket>(made.get())) {
    listeners_.push_back(listener);
  }
  const auto free = std::ranges::find_if(files_, [](const auto& each) { return !each; });
  const auto index = free - files_.begin();
  if (free == files_.end()) {
    files_.push_back(std::move(made));
  } else {
    *free = std::move(made);
  }
  return first_descriptor + static_cast<int>(index);
}

file* system::find(int descriptor) noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first_descriptor);
  return owns(descriptor) && index < files_.size() ? files_[index].get() : nullptr;
}

int system::close(int descriptor) noexcept {
  auto* const found = find(descriptor);
  if (!found) {
    errno = EBADF;
    return -1;
  }
  std::erase(timers_, as<timer>(found));
  if (auto* const listener = as<listening_socket>(found)) {
    std::erase(listeners_, listener);
    for (auto* const each : listener->waiting) each->close_server(true);
  }
  files_[static_cast<std::size_t>(descriptor - first_descriptor)] = nullptr;
  return 0;
}

std::size_t system::open_sockets() const noexcept {
  std::size_t count = 0;
  for (const auto& each : files_) {
    if (as<server_socket>(each.get())) ++count;
  }
  for (const auto* const each : listeners_) count += each->waiting.size();
  return count;
}

bool system::connect(link& over, std::uint16_t port) {
  std::vector<listening_socket*> open;
  for (auto* const each : listeners_) {
    if (each->listening && each->port == port) open.push_back(each);
  }
  if (open.empty()) return false;
  open[choices_.below(open.size())]->waiting.push_back(&over);
  return true;
}

/// What is ready, beginning somewhere, and not always all of it: the order of the events of
/// different connections means nothing.
int system::wait(event_poll& on, std::span<epoll_event> found) {
  std::size_t count = 0;
  const auto total = on.interests.size();
  const auto offset = choices_.below(total);
  for (std::size_t i = 0; i < total && count < found.size(); ++i) {
    auto& each = on.interests[(i + offset) % total];
    const auto events = each.news();
    if (events == 0) continue;
    if ((each.wanted.events & EPOLLET) != 0) each.reported = events;
    found[count] = each.wanted;
    found[count++].events = events;
    if (total > 3 && choices_.one_in(8)) break;
  }
  return static_cast<int>(count);
}

}  // namespace saker::simulation
