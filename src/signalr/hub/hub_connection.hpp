#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/signalr/hub/hub.hpp>
#include <saker/signalr/hub/hub_methods.hpp>

#include "async/deadline.hpp"
#include "signalr/hub/hub_output.hpp"
#include "signalr/hub/invocation_slot.hpp"
#include "signalr/hub/loop_mail.hpp"
#include "signalr/hub/outgoing_message.hpp"
#include "signalr/hub/upload_queue.hpp"
#include "signalr/protocol/message_assembly.hpp"
#include "signalr/transports/connection.hpp"
#include "signalr/waiter.hpp"
#include "signalr/waiting_bytes.hpp"

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
  const std::string& id() const noexcept { return on_->id(); }
  const std::string& user_id() const noexcept { return user_id_; }
  event_loop& loop() const noexcept { return on_->loop(); }

  connection& on() const noexcept { return *on_; }
  const hub_protocol& protocol() const noexcept { return out_.protocol(); }

  /// From the handshake to the end.
  static task<void> run(std::shared_ptr<hub_connection> client);

  /// A message of somebody else, which may be dropped. Who has no room holds the guard.
  void send(const outgoing_message& message, room_request& room, bool to_many = false) {
    const bool is_sent = out_.send(message, to_many);
    if (is_sent && !ended_ && out_.keeps_waiting(room.how())) on_->output().hold_until_room(room);
  }
  /// A question, which is not dropped once it is taken. False: there is no room.
  bool ask(const outgoing_message& question) { return out_.ask(question); }
  bool is_ended() const noexcept { return ended_; }
  // mail_recipient
  void take(const broadcast& what, room_request& room) override;
  void end_overflowing() override;
  void count_dropped(std::size_t messages) noexcept override { on_->count_dropped(messages); }
  /// `hub_call_context::abort`.
  void abort();
  /// For a message that comes soon: what it reads here, then what is behind that, step by step.
  void prefetch() const noexcept { prefetch(this, sizeof *this); }
  void prefetch_connection() const noexcept { prefetch(on_.get(), sizeof(connection)); }

  // The groups that it must leave in the end; from any thread.
  using group_names = std::set<std::string, std::less<>>;
  bool remember_group(std::string_view group);
  void forget_group(std::string_view group);
  group_names take_groups();

 private:
  friend class invocation_slot;

  static void prefetch(const void* begin, std::size_t size) noexcept {
    for (std::size_t at = 0; at < size; at += 64) {
      __builtin_prefetch(static_cast<const char*>(begin) + at);
    }
  }

  class cancellation;
  /// Ordered, since a client chooses the ids and how many there are.
  struct open_streams {
    using downloads = std::map<std::string, std::stop_source, std::less<>>;
    using uploads = std::map<std::string, std::shared_ptr<upload_queue>, std::less<>>;
    downloads down;  ///< And calls that can be cancelled.
    uploads up;
  };

  // connection_application
  void on_heartbeat() override;
  void on_close_requested() override;
  void on_reattached() override;
  void on_cut_off(const char* why) override;
  void on_input_ending() override { out_.on_input_ending(); }
  void on_blocked() override { held_room_.wake(); }
  void on_room() override { way_.wake(); }
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
  open_streams& streams();
  void stop_streams();
  void close(bool allow_reconnect);
  void send_close(bool allow_reconnect);
  void end(std::exception_ptr error, bool allow_reconnect);

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
  std::size_t bytes_held() const noexcept { return held_ ? held_->bytes.bytes() : 0; }
  task<void> make_way(const hub_message& message);
  void wake_receiving();
  void handle(hub_message& message);
  void take_item(hub_message& message);
  void take_completion(hub_message& message);
  void take_close(const hub_message& message);
  void take_cancel(const hub_message& message);
  void begin_invocation(hub_message& message);
  std::shared_ptr<upload_queue> find_upload(std::string_view id) const;

  // Calls.
  binding::encoding encoding() const noexcept;
  std::shared_ptr<invocation_slot> take_slot(invocation_slot::kind what, std::size_t cost);
  void give_back_slot();
  bool has_room_beside(std::size_t cost) const noexcept;
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
  const std::shared_ptr<connection> on_;
  hub_output out_;
  std::string user_id_;
  message_assembly assembly_;

  bool pinged_ = false;
  bool ended_ = false;
  enum class entrance : std::uint8_t { before, within, behind, refused };
  entrance entrance_ = entrance::before;  ///< To the hub: `on_connected`.
  bool allow_reconnect_ = true;
  bool closed_by_client_ = false;
  enum class refreshes : std::uint8_t { none, being_told, again } refreshes_ = refreshes::none;
  std::exception_ptr end_error_;
  std::uint64_t waiting_since_ = 0;  ///< For what the client sends; 0: it is not being read.

  std::size_t free_slots_;
  std::size_t beside_ = 0;                 ///< What the calls cost that take no slot, or no longer.
  std::size_t items_ = 0;                  ///< What the items cost that wait for the methods.
  waiter way_;                             ///< Who reads the client's messages and cannot go on.
  std::unique_ptr<open_streams> streams_;  ///< From the first one on.
  /// What has come and must wait where the Acks must be read that are behind it.
  struct held_messages {
    std::list<std::string> messages;
    waiting_bytes bytes;
  };
  std::unique_ptr<held_messages> held_;  ///< Null: nothing.
  waiter held_room_;
  waiter entered_;

  // Under the endpoint's groups_mutex.
  bool groups_closed_ = false;
  std::unique_ptr<group_names> groups_;  ///< From the first one on.
};

}  // namespace saker::signalr
