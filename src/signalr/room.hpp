#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include <saker/async/completion_source.hpp>

namespace saker::signalr {

/// How long who awaits a send waits for a client (overflow_policy).
enum class patience : std::uint8_t {
  none,
  for_many,  ///< Only for one that has very much waiting, and takes it.
  for_each,
};

/// What keeps somebody waiting who wants to send: when the last holder lets go, the wait is over.
class room_guard {
 public:
  explicit room_guard(patience how) noexcept : how_(how) {}
  room_guard(const room_guard&) = delete;
  room_guard& operator=(const room_guard&) = delete;
  ~room_guard() { source_.try_set_value(); }
  completion_source<> source() const { return source_; }
  patience how() const noexcept { return how_; }

 private:
  completion_source<> source_;
  const patience how_;
};

/// Those who send to many go on without.
inline void release_impatient(std::vector<std::shared_ptr<room_guard>>& waiters) {
  const auto impatient = std::partition(waiters.begin(), waiters.end(), [](const auto& each) {
    return each->how() == patience::for_each;
  });
  const std::vector<std::shared_ptr<room_guard>> released{std::make_move_iterator(impatient),
                                                          std::make_move_iterator(waiters.end())};
  waiters.erase(impatient, waiters.end());
}

/// The guard of one send, made when somebody is to hold it. Thread rule: who sends, or delivers.
class room_request {
 public:
  explicit room_request(patience how) noexcept : how_(how) {}
  /// The one that came with the message; null: nobody waits.
  explicit room_request(std::shared_ptr<room_guard> guard) noexcept
      : how_(guard ? guard->how() : patience::none), guard_(std::move(guard)) {}

  patience how() const noexcept { return how_; }
  /// Null: nobody waits.
  const std::shared_ptr<room_guard>& guard() {
    if (!guard_ && how_ != patience::none) guard_ = std::make_shared<room_guard>(how_);
    return guard_;
  }
  bool has_guard() const noexcept { return guard_ != nullptr; }
  /// Takes a guard that nobody but its one holder has any more, or has it already.
  bool shares(const std::shared_ptr<room_guard>& held) {
    if (guard_ == held) return true;
    if (guard_ || held->how() != how_ || held.use_count() != 1) return false;
    guard_ = held;
    return true;
  }
  /// What is to be awaited, once those hold the guard who are to.
  completion_source<> let_go() {
    auto source = guard()->source();
    guard_.reset();
    return source;
  }

 private:
  const patience how_;
  std::shared_ptr<room_guard> guard_;
};

}  // namespace saker::signalr
