#pragma once

#include <any>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <saker/core/completion_source.hpp>
#include <saker/signalr/connection_context.hpp>

#include "core/intrusive_list.hpp"
#include "core/loop_state.hpp"
#include "signalr/input_pipe.hpp"
#include "signalr/outbox.hpp"

namespace saker::signalr {

class connection_endpoint;

/// What runs on a connection and wants to know more than bytes. Everything is called on the
/// connection's loop.
class connection_application {
 public:
  /// About once a second.
  virtual void on_heartbeat() = 0;
  /// The server stops, or the user's token has expired: end, the client may come back.
  virtual void on_close_requested() = 0;
  /// A new WebSocket carries the connection.
  virtual void on_reattached() = 0;

 protected:
  ~connection_application() = default;
};

enum class claim_result : std::uint8_t {
  claimed,
  gone,
  unsupported,
  other_transport,
  conflict,
  closing,
};

/// A connection as its application sees it, whatever carries it.
///
/// Owner: the endpoint's table, the application that runs on it, the transport that carries it.
/// Thread rule: its loop, which is that of its first transport and changes no more then; `enter`
/// takes a coroutine there. Other members say so where they may be used elsewhere.
class connection final : public std::enable_shared_from_this<connection>,
                         public core::list_node<connection>,
                         private core::stoppable {
 public:
  connection(connection_endpoint& endpoint, std::string id, std::string token,
             bool stateful_reconnect);
  ~connection();

  // From any thread.
  const std::string& id() const noexcept { return id_; }
  const std::string& token() const noexcept { return token_; }
  connection_endpoint& endpoint() const noexcept { return endpoint_; }
  event_loop& loop() const noexcept { return *loop_.load(std::memory_order_acquire); }
  std::stop_token closed() const noexcept { return closed_.get_token(); }
  /// Ends it at once.
  void abort_from_anywhere();

  /// Goes to the connection's loop.
  task<void> enter();
  /// Lives on the current loop from now on.
  void settle_here();

  const connection_options& options() const noexcept;
  input_pipe& input() noexcept { return input_; }
  outbox& output() noexcept { return output_; }
  transport_type transport() const noexcept { return transport_; }
  std::map<std::string, std::any>& items();
  const std::shared_ptr<const claims_principal>& user() const noexcept { return user_; }
  /// Copied from the first transport's request when somebody asks, or when that request ends.
  const request_info& request();

  // For what runs on it.
  void set_application(connection_application* application) noexcept { application_ = application; }
  transfer_format format() const noexcept { return format_; }
  void set_format(transfer_format format) noexcept { format_ = format; }
  websocket_message_type message_type() const noexcept {
    return format_ == transfer_format::text ? websocket_message_type::text
                                            : websocket_message_type::binary;
  }
  bool allows_reconnect() const noexcept { return reconnect_; }
  void disable_reconnect() noexcept;
  void signal_closed();
  /// Ends the connection at once; the application sees the end of its input.
  void abort();
  /// The same after this turn, once: whoever is delivering to many counts on them.
  void end_overflowing();
  bool is_overflowing() const noexcept { return overflowing_; }
  void count_dropped(std::size_t messages) noexcept;

  // For transports.
  /// Makes the connection the transport's, or says why not. Takes it to the given loop if it is
  /// its first transport.
  task<claim_result> claim(transport_type wanted, event_loop& loop);
  void begin(http_context& context);
  void refresh_user(std::shared_ptr<const claims_principal> user) noexcept;
  /// Runs the application, the first time.
  void start_application();
  bool has_started() const noexcept { return started_; }
  void on_reattached() {
    if (application_) application_->on_reattached();
  }
  /// The transport has ended. It may come back if it was lost, or if it comes again and again.
  void release(bool may_return);
  /// The client asks for the end.
  void terminate();
  /// A poll was told that the connection has ended.
  void on_end_told();
  bool is_disposed() const noexcept { return disposed_; }
  /// Taken and given back around the use of the input by a POST, so that they come in order.
  task<void> lock_input();
  void unlock_input();
  /// Since when the client has taken nothing; 0: it takes.
  void note_blocked(bool blocked) noexcept;
  /// Who is called when the transport must end at once.
  void set_breaker(std::function<void()> breaker) { breaker_ = std::move(breaker); }

  void look_after_socket();
  void on_heartbeat();

  /// Where the endpoint's list has it while no transport carries it; under the endpoint's lock.
  std::optional<std::list<std::weak_ptr<connection>>::iterator> waiting_place;

 private:
  void on_stopping() override;
  task<void> run_application();
  task<claim_result> claim_here(transport_type wanted);
  task<claim_result> take_over_poll();
  task<claim_result> take_over_socket();
  task<void> wait_until_free();
  void note_inactive();
  void end();
  void remove_if_over();
  std::uint64_t now() const noexcept;

  connection_endpoint& endpoint_;
  const std::string id_;
  const std::string token_;
  std::atomic<event_loop*> loop_;
  input_pipe input_;
  outbox output_;
  connection_application* application_ = nullptr;
  std::shared_ptr<const claims_principal> user_;
  http_context* first_request_ = nullptr;
  std::unique_ptr<const request_info> request_;
  std::unique_ptr<std::map<std::string, std::any>> items_;
  std::stop_source closed_;
  std::function<void()> breaker_;
  std::deque<completion_source<>> input_waiters_;
  std::vector<completion_source<>> transport_waiters_;

  transport_type transport_ = transport_type::none;
  transfer_format format_ = transfer_format::text;
  bool reconnect_;
  bool reconnect_was_agreed_;
  bool active_ = false;
  bool claiming_ = false;
  bool started_ = false;
  bool application_done_ = false;
  bool ending_ = false;
  bool end_told_ = false;
  bool disposed_ = false;
  bool input_locked_ = false;
  bool expired_ = false;
  bool overflowing_ = false;
  std::uint64_t inactive_since_ = 0;
  std::uint64_t blocked_since_ = 0;
  std::uint64_t gone_since_ = 0;  ///< The WebSocket's peer, with something left to receive.
  std::chrono::steady_clock::time_point began_;
};

}  // namespace saker::signalr
