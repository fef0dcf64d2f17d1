#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

#include <saker/signalr/filter.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/hub_methods.hpp>

#include "signalr/hub_connection.hpp"

namespace saker::signalr {

/// The place that a call takes of `maximum_parallel_invocations_per_client`, until it ends or
/// begins to wait for its own client.
class invocation_slot {
 public:
  invocation_slot(std::shared_ptr<hub_connection> of, bool taken) noexcept
      : of_(std::move(of)), taken_(taken) {}
  ~invocation_slot() { give_back(); }
  invocation_slot(const invocation_slot&) = delete;
  invocation_slot& operator=(const invocation_slot&) = delete;

  void give_back();
  /// Whether a client may be asked: not while the client is not listened to yet.
  bool allows_asking() const noexcept { return !of_->connecting_; }

 private:
  std::shared_ptr<hub_connection> of_;
  bool taken_;
};

/// One call of a hub: the hub object that was made for it, what that can use, and the filters.
class hub_call {
 public:
  hub_call(const std::shared_ptr<hub_connection>& on, const hub_endpoint& endpoint,
           bool takes_slot);
  hub_call(const hub_call&) = delete;
  hub_call& operator=(const hub_call&) = delete;

  invocation_slot& slot() noexcept { return slot_; }

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

  invocation_slot slot_;
  hub_scope scope_;
  std::unique_ptr<signalr::hub> hub_;
  std::vector<std::shared_ptr<hub_filter>> filters_;
};

}  // namespace saker::signalr
