#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <saker/async/event_loop.hpp>

namespace saker::signalr {

class hub_connection;

/// The place that a call takes of `maximum_parallel_invocations_per_client`, until it ends or
/// begins to wait for its own client; or what it costs beside those.
///
/// Owner: the call, and the proxies that were made in it, which may be kept when it has ended.
class invocation_slot : public std::enable_shared_from_this<invocation_slot> {
 public:
  enum class kind : std::uint8_t {
    counted,    ///< It has a slot.
    beside,     ///< It needs none.
    connecting  ///< It needs none, and the client is not listened to yet.
  };

  /// One that a call of this thread had and that nobody looks at any more, or a new one.
  static std::shared_ptr<invocation_slot> take();
  /// The call has ended: the next one may have its slot.
  static void keep(std::shared_ptr<invocation_slot> slot) noexcept;

  invocation_slot() = default;
  ~invocation_slot() { end(); }
  invocation_slot(const invocation_slot&) = delete;
  invocation_slot& operator=(const invocation_slot&) = delete;

  /// A call of that client begins, which costs so much.
  void begin(std::shared_ptr<hub_connection> of, kind what, std::size_t cost);

  /// The client is about to be asked, and its answer must not wait for the call that waits for it.
  /// Any thread. False: it cannot be asked, since it is not listened to yet.
  bool begin_asking();
  /// The call has ended.
  void end() noexcept;
  const std::string& caller_id() const noexcept { return caller_id_; }

 private:
  void give_back() noexcept;

  event_loop* loop_ = nullptr;
  std::shared_ptr<hub_connection> of_;  ///< Null: the call has ended.
  std::string caller_id_;
  std::size_t cost_ = 0;
  std::atomic<kind> what_ = kind::beside;
};

}  // namespace saker::signalr
