#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <saker/signalr/hub/hub.hpp>
#include <saker/signalr/hub/hub_methods.hpp>

#include "signalr/hub/call_budget.hpp"
#include "signalr/hub/hub_ending.hpp"
#include "signalr/hub/hub_input.hpp"
#include "signalr/hub/hub_membership.hpp"
#include "signalr/hub/hub_output.hpp"
#include "signalr/hub/invocation_slot.hpp"
#include "signalr/hub/loop_mail.hpp"
#include "signalr/hub/open_streams.hpp"
#include "signalr/hub/outgoing_message.hpp"
#include "signalr/hub/upload_queue.hpp"
#include "signalr/transports/connection.hpp"

namespace saker::signalr {

class hub_call;
class hub_endpoint;

/// A client of a hub: the hub protocol on one connection.
///
/// Owner: the coroutine that runs it, the hub's manager, the calls that run. Thread rule: the
/// connection's loop; other members say so where they may be used elsewhere.
class hub_connection final : public std::enable_shared_from_this<hub_connection>,
                             public mail_recipient,
                             public upload_owner,
                             private connection_application {
 public:
  hub_connection(hub_endpoint& endpoint, std::shared_ptr<connection> on);

  // From any thread.
  const std::string& id() const noexcept { return on().id(); }
  const std::string& user_id() const noexcept { return user_id_; }
  event_loop& loop() const noexcept { return on().loop(); }

  connection& on() const noexcept { return out_.on(); }
  const hub_protocol& protocol() const noexcept { return out_.protocol(); }

  /// From the handshake to the end.
  static task<void> run(std::shared_ptr<hub_connection> client);

  /// A message of somebody else, which may be dropped. Who has no room holds the guard.
  void send(const outgoing_message& message, room_request& room, bool to_many = false) {
    const bool is_sent = out_.send(message, to_many);
    if (is_sent && !is_ended() && out_.keeps_waiting(room.how()))
      on().output().hold_until_room(room);
  }
  /// A question, which is not dropped once it is taken. False: there is no room.
  bool ask(const outgoing_message& question) { return out_.ask(question); }
  bool is_ended() const noexcept { return ending_.has_begun(); }
  // mail_recipient
  void take(const broadcast& what, room_request& room) override;
  void end_overflowing() override;
  void count_dropped(std::size_t messages) noexcept override { on().count_dropped(messages); }
  /// `hub_call_context::abort`.
  void abort();
  /// For a message that comes soon: what it reads here, then what is behind that, step by step.
  void prefetch() const noexcept { prefetch(this, sizeof *this); }
  void prefetch_connection() const noexcept { prefetch(&on(), sizeof(connection)); }

  // The groups that it must leave in the end; from any thread.
  bool remember_group(std::string_view group);
  void forget_group(std::string_view group);
  hub_membership::group_names take_groups();

 private:
  friend class invocation_slot;

  static void prefetch(const void* begin, std::size_t size) noexcept {
    for (std::size_t at = 0; at < size; at += 64) {
      __builtin_prefetch(static_cast<const char*>(begin) + at);
    }
  }

  class cancellation;

  // connection_application
  void on_heartbeat() override;
  void on_close_requested() override;
  void on_reattached() override;
  void on_cut_off(const char* why) override;
  void on_input_ending() override { out_.on_input_ending(); }
  void on_blocked() override { in_.make_room(); }
  void on_room() override { in_.make_way(); }
  void on_gone() override;
  bool is_same_user(const claims_principal& user) override;
  void on_user_refreshed() override;
  // upload_owner
  void on_items_taken(std::size_t bytes) noexcept override;

  // Its life.
  task<bool> shake_hands();
  std::string accept_handshake(std::string_view text);
  std::string user_id_of(const claims_principal& user) const;
  task<void> tell_of_refresh();
  static void on_handshake_timeout(void* self);
  task<void> enter_hub();
  task<void> enter_beside(std::shared_ptr<hub_connection> keep);
  task<bool> begin();
  task<void> leave();
  task<void> leave_hub();
  void close(bool allow_reconnect);
  void send_close(bool allow_reconnect);
  void end(std::exception_ptr error, bool allow_reconnect) {
    end(hub_ending::side::server, std::move(error), allow_reconnect);
  }
  void end(hub_ending::side by, std::exception_ptr error, bool allow_reconnect);

  // What the client sends.
  void begin_waiting();
  bool take_input(std::span<const std::byte> data);
  task<void> handle_received(std::size_t& handled);
  bool must_wait(const hub_message& message) const noexcept;
  bool must_be_held(const hub_message& message) const noexcept;
  void hold(std::string_view payload);
  task<void> handle_held();
  task<void> handle_rest();
  std::size_t most_held() const noexcept;
  task<void> wait_for_way(const hub_message& message);
  void wake_receiving();
  void handle(hub_message& message);
  void take_item(hub_message& message);
  void take_completion(hub_message& message);
  void take_close(const hub_message& message);
  void begin_invocation(hub_message& message);

  // Calls.
  binding::encoding encoding() const noexcept;
  std::shared_ptr<invocation_slot> take_slot(invocation_slot::kind what, std::size_t cost);
  void give_back_slot();
  task<void> run_invocation(hub_message message, const detail::hub_method& method,
                            std::shared_ptr<invocation_slot> slot);
  void answer_now(hub_message& message, const detail::hub_method& method, std::size_t cost);
  std::string failure_text(const hub_message& message, const detail::hub_method& method) const;
  task<void> answer_call(hub_call& call, hub_message& message, const detail::hub_method& method);
  task<void> answer_stream(hub_call& call, hub_message& message, const detail::hub_method& method);
  task<void> send_items(async_generator<std::string> items, const hub_message& message,
                        std::stop_token stop);
  std::string refusal_of(const hub_message& message, const detail::hub_method& method) const;
  void open_uploads(const hub_message& message, detail::call_input& input);
  void close_uploads(const hub_message& message, const detail::call_input& input);
  void log_failure(const detail::hub_method& method, const std::exception_ptr& error) const;

  // What the client is sent.
  task<void> room();
  void complete(hub_message& call, std::string_view result);
  void complete_with_error(hub_message& call, std::string error);
  void complete_stream(hub_message& call, std::string error);
  void answer(hub_message& call);
  std::string error_text(std::string_view message, const std::exception_ptr& error) const;

  hub_endpoint& endpoint_;
  hub_output out_;
  std::string user_id_;
  hub_input in_;
  call_budget budget_;
  open_streams streams_;
  hub_membership membership_;
  [[no_unique_address]] hub_ending ending_;  ///< The next one fits into its padding.
  enum class refreshes : std::uint8_t { none, being_told, again } refreshes_ = refreshes::none;
};

}  // namespace saker::signalr
