#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "async/deadline.hpp"
#include "async/resumption.hpp"
#include "http/exchange/carrier.hpp"

namespace saker::http {

class exchange;

/// The content of a response on its way to the client: whether it is what the head has said, and
/// when its writer must wait.
///
/// The answer to HEAD goes nowhere; its writer is made to wait now and then all the same, or one
/// that never ends would have the loop for itself, and may do so for the grace period that slow
/// clients have.
///
/// Owner: the exchange, which it is told again each time: an idle socket keeps one.
class response_content {
 public:
  void answer_head() noexcept { answers_head_ = true; }
  bool answers_head() const noexcept { return answers_head_; }
  /// What the head says of it. `last`: nothing follows but `known` bytes.
  content_size begin(const http_response& response, std::size_t known, bool last);
  /// Throws `std::logic_error` for what the head does not allow. False: it goes nowhere.
  bool take(exchange& of, std::size_t bytes);
  /// The head has promised more.
  bool is_short() const noexcept {
    return allowed_ && !answers_head_ && left_ != unknown && left_ > 0;
  }

  bool is_congested(const exchange& of) const noexcept;
  void set_waiter(exchange& of, async::resumption* waiter) noexcept;
  bool has_waiter() const noexcept { return waiter_ != nullptr; }
  void wake(async::loop_state& loop);
  /// The client hears no more of what is written: it has gone, or has all of the answer to HEAD.
  void note_unheard(exchange& of);
  void on_stopping(exchange& of);

 private:
  struct discarded : async::deadline {
    explicit discarded(exchange& by);

    exchange& of;
    std::uint64_t bytes = 0;  ///< Since the writer has waited.
    std::uint64_t waits = 0;  ///< Ticks in which it has.
    bool unheard = false;
  };

  static constexpr std::uint64_t unknown = std::numeric_limits<std::uint64_t>::max();

  discarded& discarding(exchange& of);
  void on_discard_timer(exchange& of);

  bool answers_head_ = false;
  bool allowed_ = true;
  std::uint64_t left_ = unknown;
  async::resumption* waiter_ = nullptr;
  std::unique_ptr<discarded> discarded_;  ///< Of the answer to HEAD.
};

}  // namespace saker::http
