#pragma once

#include <any>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <saker/signalr/transports/connection_context.hpp>

#include "async/intrusive_list.hpp"
#include "async/loop_state.hpp"
#include "signalr/transports/client_watch.hpp"
#include "signalr/transports/connection_caller.hpp"
#include "signalr/transports/connection_lifetime.hpp"
#include "signalr/transports/input_pipe.hpp"
#include "signalr/transports/outbox.hpp"
#include "signalr/transports/transport_slot.hpp"

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
  /// The client is cut off, since it does not take what it is sent: what is missing now must not
  /// go unnoticed. Others are being delivered to.
  virtual void on_cut_off(const char* why) = 0;
  /// The client sends nothing more: what it has sent is to be handled whether it acknowledges or
  /// not.
  virtual void on_input_ending() = 0;
  /// With stateful reconnect: no room is left until the client acknowledges something.
  virtual void on_blocked() = 0;
  /// There is room again.
  virtual void on_room() = 0;
  /// No transport carries the connection any more.
  virtual void on_gone() = 0;
  /// Whether it would take that for the user whom it knows.
  virtual bool is_same_user(const claims_principal& user) = 0;
  virtual void on_user_refreshed() = 0;

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
  refused,
};

/// What has become of newer credentials.
enum class refresh_result : std::uint8_t { taken, other_user, refused };

/// A connection as its application sees it, whatever carries it.
///
/// Owner: the endpoint's table, the application that runs on it, the transport that carries it.
/// Thread rule: its loop, which is that of its first transport and changes no more then; `enter`
/// takes a coroutine there. Other members say so where they may be used elsewhere.
class connection final : public std::enable_shared_from_this<connection>,
                         public async::list_node<connection>,
                         private async::stoppable {
 public:
  connection(connection_endpoint& endpoint, std::string id, std::string token,
             bool stateful_reconnect);
  ~connection();

  // From any thread.
  const std::string& id() const noexcept { return id_; }
  const std::string& token() const noexcept { return token_.empty() ? id_ : token_; }
  connection_endpoint& endpoint() const noexcept { return endpoint_; }
  event_loop& loop() const noexcept { return *loop_.load(std::memory_order_acquire); }
  std::stop_token closed() const noexcept { return lifetime_.closed(); }
  /// Ends it at once.
  void abort_from_anywhere();

  /// Goes to the connection's loop.
  task<void> enter();
  /// Lives on the current loop from now on.
  void settle_here();

  const connection_options& options() const noexcept;
  std::uint64_t now() const noexcept;
  input_pipe& input() noexcept { return input_; }
  outbox& output() noexcept { return output_; }
  transport_type transport() const noexcept { return slot_.transport(); }
  std::map<std::string, std::any>& items() { return caller_.items(); }
  const std::shared_ptr<const claims_principal>& user() const noexcept { return caller_.user(); }
  const request_info& request() { return caller_.request(); }

  // For what runs on it.
  void set_application(connection_application* application) noexcept { application_ = application; }
  transfer_format format() const noexcept { return slot_.format(); }
  void set_format(transfer_format format) noexcept { slot_.set_format(format); }
  websocket_message_type message_type() const noexcept {
    return format() == transfer_format::text ? websocket_message_type::text
                                             : websocket_message_type::binary;
  }
  bool allows_reconnect() const noexcept { return slot_.allows_reconnect(); }
  void disable_reconnect() noexcept { slot_.disable_reconnect(); }
  void signal_closed() { lifetime_.signal_closed(); }
  /// Ends the connection at once; the application sees the end of its input.
  void abort();
  /// Its client is cut off, once.
  void cut_off(const char* why);
  /// Says so in the log, once: false when it has been said.
  bool note_cut_off(const char* why);
  bool is_cut_off() const noexcept { return watch_.is_cut_off(); }
  void count_dropped(std::size_t messages) noexcept;

  // For transports.
  /// Makes the connection the transport's, or says why not. Takes it to the given loop if it is
  /// its first transport.
  task<claim_result> claim(transport_type wanted, event_loop& loop,
                           std::shared_ptr<const claims_principal> user);
  void begin(http_context& context) { caller_.begin(context); }
  /// The credentials that a later request has on its way: the same, newer ones, older ones if it
  /// was overtaken, or none.
  refresh_result meet_user(const std::shared_ptr<const claims_principal>& user);
  /// Those that a client brings.
  refresh_result refresh_user(const std::shared_ptr<const claims_principal>& user);
  /// Runs the application, the first time.
  void start_application();
  bool has_started() const noexcept { return lifetime_.has_started(); }
  void on_reattached() {
    if (application_) application_->on_reattached();
  }
  /// The transport has ended. It may come back if it was lost, or if it comes again and again.
  void release(bool may_return);
  /// The client asks for the end.
  void terminate();
  /// A poll was told that the connection has ended.
  void on_end_told() noexcept { lifetime_.note_told(); }
  bool is_disposed() const noexcept { return lifetime_.is_disposed(); }
  /// Whether the client is to take something and has not yet.
  void note_blocked(bool is_blocked) noexcept { watch_.note_blocked(is_blocked); }

  void on_input_ending() {
    if (application_) application_->on_input_ending();
  }
  void look_after_socket();
  void on_heartbeat();

  /// Where the endpoint's list has it while no transport carries it; under the endpoint's lock.
  std::optional<std::list<std::weak_ptr<connection>>::iterator> waiting_place;

 private:
  void on_stopping() override;
  task<void> run_application();
  task<claim_result> claim_here(transport_type wanted,
                                const std::shared_ptr<const claims_principal>& user);
  task<claim_result> take_over_poll();
  task<claim_result> take_over_socket();
  task<void> wait_until_released();
  bool is_same_user(const claims_principal& user) const;
  void note_inactive();
  void end();
  void remove_if_over();

  connection_endpoint& endpoint_;
  const std::string id_;
  const std::string token_;  ///< Empty: the id is the token.
  std::atomic<event_loop*> loop_;
  input_pipe input_;
  outbox output_;
  connection_application* application_ = nullptr;
  connection_caller caller_;
  transport_slot slot_;
  connection_lifetime lifetime_;
  client_watch watch_;
};

}  // namespace saker::signalr
