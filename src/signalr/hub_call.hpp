#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <saker/signalr/filter.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/hub_methods.hpp>

#include "signalr/hub_connection.hpp"

namespace saker::signalr {

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

  invocation_slot(std::shared_ptr<hub_connection> of, kind what, std::size_t cost);
  ~invocation_slot() { end(); }
  invocation_slot(const invocation_slot&) = delete;
  invocation_slot& operator=(const invocation_slot&) = delete;

  /// The client is about to be asked, and its answer must not wait for the call that waits for it.
  /// Any thread. False: it cannot be asked, since it is not listened to yet.
  bool begin_asking();
  /// The call has ended.
  void end() noexcept;
  const std::string& caller_id() const noexcept { return caller_id_; }

 private:
  void give_back() noexcept;

  event_loop& loop_;
  std::shared_ptr<hub_connection> of_;  ///< Null: the call has ended.
  const std::string caller_id_;
  const std::size_t cost_;
  std::atomic<kind> what_;
};

/// One call of a hub: the hub object that was made for it, what that can use, and the filters.
class hub_call {
 public:
  hub_call(hub_connection& on, const hub_endpoint& endpoint, std::shared_ptr<invocation_slot> slot);
  hub_call(const hub_call&) = delete;
  hub_call& operator=(const hub_call&) = delete;
  ~hub_call() { slot_->end(); }

  invocation_slot& slot() noexcept { return *slot_; }

  // Through the filters, from the given one on.
  task<void> connect(std::size_t filter = 0);
  task<void> disconnect(std::exception_ptr error, std::size_t filter = 0);
  task<json> invoke(const detail::hub_method& method, detail::call_input& input);
  task<async_generator<json>> stream(const detail::hub_method& method, detail::call_input& input);

 private:
  struct filtered {
    hub_invocation invocation;
    const detail::hub_method& method;
    detail::call_input& input;
    async_generator<json>* made;
  };

  task<json> invoke_filtered(const detail::hub_method& method, detail::call_input& input);
  task<async_generator<json>> stream_filtered(const detail::hub_method& method,
                                              detail::call_input& input);
  task<json> invoke_through(filtered& what, std::size_t filter);

  const std::shared_ptr<invocation_slot> slot_;
  hub_scope scope_;
  std::unique_ptr<signalr::hub> hub_;
  std::vector<std::shared_ptr<hub_filter>> filters_;
};

}  // namespace saker::signalr
