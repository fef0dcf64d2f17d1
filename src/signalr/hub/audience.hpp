#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/async/event_loop.hpp>

#include "fanout/per_loop.hpp"
#include "signalr/hub/loop_mail.hpp"
#include "signalr/hub/member_list.hpp"
#include "signalr/hub/outgoing_message.hpp"
#include "signalr/transports/outbox.hpp"

namespace saker::signalr {

class connection_endpoint;
class hub_connection;

/// A message on its way to many, and whom it leaves out.
struct broadcast {
  outgoing_message message;

  broadcast(hub_message what, detail::encoded_values value, std::size_t protocols)
      : message(std::move(what), std::move(value), protocols) {}
  explicit broadcast(std::vector<shared_message> ready) : message(std::move(ready)) {}

  void exclude(std::vector<std::shared_ptr<const hub_connection>> whom) {
    std::sort(whom.begin(), whom.end());
    excluded_ = std::move(whom);
  }
  bool leaves_anybody_out() const noexcept { return !excluded_.empty(); }
  bool leaves_out(const hub_connection* each) const noexcept {
    const auto found = std::lower_bound(
        excluded_.begin(), excluded_.end(), each,
        [](const auto& left, const auto* right) { return std::less<>()(left.get(), right); });
    return found != excluded_.end() && found->get() == each;
  }

 private:
  std::vector<std::shared_ptr<const hub_connection>> excluded_;  ///< In the order of the addresses.
};

/// That somebody is in an audience, and where.
///
/// Owner: the audience, and the bucket. Thread rule: what changes, on the member's loop.
struct membership {
  using member_type = hub_connection;
  static constexpr auto nowhere = static_cast<std::size_t>(-1);

  explicit membership(std::shared_ptr<hub_connection> who) noexcept : member(std::move(who)) {}

  const std::shared_ptr<hub_connection> member;
  std::size_t place = nowhere;
  bool is_over = false;  ///< It has left, though it may still be about to come.
};

/// The members of an audience on one loop.
///
/// Owner: the audience, and what is posted. Thread rule: its loop, but for the counting.
class audience_bucket final : public std::enable_shared_from_this<audience_bucket>,
                              public mail_recipient {
 public:
  explicit audience_bucket(std::shared_ptr<loop_mail> mail) noexcept : mail_(std::move(mail)) {}
  event_loop& loop() const noexcept { return mail_->loop(); }

  // From any thread: now on the loop, else in order.
  void add(std::shared_ptr<membership> one);
  void remove(std::shared_ptr<membership> one);
  void send(const std::shared_ptr<const broadcast>& what, std::size_t bytes, room_request& room);

  /// Whether nobody is a member, or about to be.
  bool is_empty() const noexcept {
    // In this order: whoever comes is a member before it comes no more.
    return coming_.load(std::memory_order_acquire) == 0 &&
           size_.load(std::memory_order_relaxed) == 0;
  }
  void expect(const hub_connection& member) noexcept;

  // mail_recipient
  void take(const broadcast& what, room_request& room) override;
  void end_overflowing() override;
  void count_dropped(std::size_t messages) noexcept override;

 private:
  void add_here(std::shared_ptr<membership> one);
  void remove_here(membership& one);
  void prefetch(std::size_t from) const noexcept;

  const std::shared_ptr<loop_mail> mail_;
  member_list<membership> members_;
  std::atomic<std::size_t> size_ = 0;
  std::atomic<std::size_t> coming_ = 0;
  std::atomic<connection_endpoint*> endpoint_ = nullptr;  ///< Which counts what is dropped.
};

/// The mail of all loops that a hub has clients on. Thread rule: any thread.
class post_office {
 public:
  explicit post_office(mail_limit limit) noexcept : limit_(limit) {}
  std::shared_ptr<loop_mail> mail_of(event_loop& loop);

 private:
  const mail_limit limit_;
  fanout::per_loop<loop_mail> mails_;
};

/// Connections that get the same: all of a hub, a group, a user's.
///
/// Owner: the hub's manager, and whoever sends to it. Thread rule: any thread.
class audience {
 public:
  explicit audience(post_office& mails) noexcept : mails_(mails) {}

  /// False: it was a member already.
  bool add(const std::shared_ptr<hub_connection>& member);
  bool remove(const hub_connection& member);
  std::size_t size() const;
  std::vector<std::string> members() const;

  void send(const std::shared_ptr<const broadcast>& what, room_request& room) const;

 private:
  std::shared_ptr<audience_bucket> bucket_of(event_loop& loop);

  post_office& mails_;
  mutable std::mutex mutex_;
  fanout::per_loop<audience_bucket> buckets_;
  std::map<std::string_view, std::shared_ptr<membership>> members_;  ///< By the members' own ids.
};

}  // namespace saker::signalr
