#pragma once

#include <cstdint>
#include <exception>
#include <utility>

namespace saker::signalr {

/// Says how a hub's client ends: who ended it, why, and whether it may come back.
class hub_ending {
 public:
  enum class side : std::uint8_t { nobody, server, client };

  bool has_begun() const noexcept { return by_ != side::nobody; }
  bool is_by_client() const noexcept { return by_ == side::client; }
  bool may_return() const noexcept { return may_return_; }
  /// Null: nothing was wrong.
  const std::exception_ptr& why() const noexcept { return why_; }

  /// Once. A reason that is known already stays.
  void begin(side by, std::exception_ptr why, bool may_return) noexcept {
    by_ = by;
    may_return_ = may_return;
    set_reason(std::move(why));
  }
  /// What it will end for; the first one stays.
  void set_reason(std::exception_ptr why) noexcept {
    if (!why_) why_ = std::move(why);
  }

 private:
  std::exception_ptr why_;
  side by_ = side::nobody;
  bool may_return_ = true;
};

}  // namespace saker::signalr
