#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

#include <saker/signalr/filter.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/hub_methods.hpp>

#include "signalr/hub_connection.hpp"
#include "signalr/invocation_slot.hpp"

namespace saker::signalr {

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
