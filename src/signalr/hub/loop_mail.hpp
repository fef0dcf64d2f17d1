#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include <saker/async/event_loop.hpp>
#include <saker/signalr/transports/connection_options.hpp>

#include "signalr/waiting_bytes.hpp"

namespace saker::signalr {

class mail_recipient;
class room_guard;
class room_request;
struct broadcast;

/// How much may be on its way to somebody whose loop has no time, and what happens to what is more.
struct mail_limit {
  overflow_policy policy = overflow_policy::disconnect;
  std::size_t bytes = 0;

  /// As the options of an endpoint say.
  static mail_limit of(const connection_options& options) noexcept;
};

/// What other threads have for the clients of one loop, in the order in which they gave it:
/// messages and steps (who joins, who leaves). The loop takes all of it at once.
///
/// Owner: the hub's manager, and what is posted. Thread rule: any thread.
class loop_mail : public std::enable_shared_from_this<loop_mail> {
 public:
  /// What a letter counts besides its content.
  static constexpr std::size_t letter_cost = 512;
  /// Steps that one recipient may have waiting; whoever has more is given up.
  static constexpr std::size_t most_steps = 262'144;

  loop_mail(event_loop& loop, mail_limit limit) noexcept : loop_(loop), limit_(limit) {}
  loop_mail(const loop_mail&) = delete;
  loop_mail& operator=(const loop_mail&) = delete;

  event_loop& loop() const noexcept { return loop_; }

  /// A message of that many bytes, which may be dropped as the policy says.
  void send(std::shared_ptr<mail_recipient> to, std::shared_ptr<const broadcast> what,
            std::size_t bytes, std::shared_ptr<room_guard> guard);
  /// A question of that many bytes: a step that is counted as a message. False: there is no room.
  bool ask(std::shared_ptr<mail_recipient> to, std::size_t bytes, std::function<void()> step);
  /// A step that concerns the recipient.
  void post(std::shared_ptr<mail_recipient> to, std::function<void()> step);

 private:
  friend class mail_recipient;
  struct letter {
    std::shared_ptr<mail_recipient> to;
    std::shared_ptr<const broadcast> what;  ///< Null: it is a step.
    std::shared_ptr<room_guard> guard;
    std::function<void()> step;
    waiting_bytes bytes = {};
    std::list<letter>::iterator next = {};  ///< Of the same recipient's messages.
  };
  using letters = std::list<letter>;

  bool has_room(const mail_recipient& to, std::size_t bytes) const noexcept;
  std::size_t drop_oldest(mail_recipient& to, std::size_t bytes, letters& dropped);
  void give_up(const std::shared_ptr<mail_recipient>& to);
  void add(letter made);
  void deliver();
  static void deliver(const letter& each);

  event_loop& loop_;
  const mail_limit limit_;
  std::mutex mutex_;
  letters waiting_;
  bool posted_ = false;
};

/// Somebody whom mail is for: a connection, or the members of an audience on one loop.
class mail_recipient {
 public:
  mail_recipient() = default;
  mail_recipient(const mail_recipient&) = delete;
  mail_recipient& operator=(const mail_recipient&) = delete;
  virtual ~mail_recipient() = default;

  // On its loop.
  virtual void take(const broadcast& what, room_request& room) = 0;
  virtual void end_overflowing() = 0;
  // From any thread.
  virtual void count_dropped(std::size_t messages) noexcept = 0;

 private:
  friend class loop_mail;
  // Under the lock of the mail.
  std::list<loop_mail::letter>::iterator first_ = {};  ///< Of its messages that wait.
  std::list<loop_mail::letter>::iterator last_ = {};
  std::size_t bytes_ = 0;
  std::uint32_t messages_ = 0;  ///< Each costs letter_cost.
  std::uint32_t steps_ = 0;     ///< At most most_steps.
  bool given_up_ = false;
};

}  // namespace saker::signalr
