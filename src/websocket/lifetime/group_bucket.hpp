#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <saker/async/event_loop.hpp>
#include <saker/websocket/types.hpp>

#include "async/loop_state.hpp"
#include "websocket/writer/prepared.hpp"

namespace saker::websockets {

class connection;

/// What has been broadcast to a group in this turn.
class pending_broadcasts {
 public:
  struct entry {
    std::shared_ptr<const prepared> content;
    const connection* excluded;
  };

  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  /// Whether all of it is for every member.
  bool is_for_all() const noexcept { return !excluding_; }
  const entry& operator[](std::size_t i) const noexcept { return entries_[i]; }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

  /// `cost`: the bytes that it counts for.
  void push(entry added, std::size_t cost) {
    bytes_ += cost;
    excluding_ = excluding_ || added.excluded;
    entries_.push_back(std::move(added));
  }
  void clear() noexcept {
    entries_.clear();
    bytes_ = 0;
    excluding_ = false;
  }

 private:
  std::vector<entry> entries_;
  std::size_t bytes_ = 0;
  bool excluding_ = false;  ///< One is not for everybody.
};

/// The members of one group on one loop, and what was broadcast to them in this turn.
///
/// Owner: the group, its members, and what is posted. Thread rule: the loop's thread, but for the
/// count.
class group_bucket final : public std::enable_shared_from_this<group_bucket>,
                           private async::turn_task {
 public:
  group_bucket(event_loop& loop, overflow_policy policy) noexcept : loop_(loop), policy_(policy) {}
  ~group_bucket() = default;

  event_loop& loop() const noexcept { return loop_; }

  /// Members, and those that are on their way. From any thread.
  /// At 0 the loop is done with it, so that another thread may destroy it.
  std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  bool is_empty() const noexcept { return size() == 0; }
  void expect_member() noexcept { size_.fetch_add(1, std::memory_order_relaxed); }
  /// Makes room for a message that is posted to the loop. False: the loop is too far behind. From
  /// any thread.
  bool reserve(const prepared& message) noexcept;
  /// It has arrived.
  void release(const prepared& message) noexcept;

  /// An expected member has come.
  void add(connection& socket);
  void remove(connection& socket);
  /// All members leave.
  void clear();
  void broadcast(std::shared_ptr<const prepared> content, const connection* excluded);

  // For the members, which know their place.
  /// The one bucket of the loop that has messages pending, or null.
  static group_bucket* gathering_on(event_loop& loop);
  /// What was broadcast so far must not come after what the member sends now.
  void settle(std::size_t place);
  void leave(std::size_t place);

 private:
  struct member {
    connection* socket;
    std::size_t settled;  ///< How many of the pending messages it has got, or came too late for.
  };
  /// The pending messages in one piece, for all members that send the same bytes.
  struct batch {
    std::span<const std::byte> bytes;
    std::vector<std::byte> joined;
    std::size_t uncompressed = 0;  ///< Payload bytes of those that are compressed, before.
    std::size_t compressed = 0;
  };
  class open_batches;
  static constexpr std::size_t variants = 8;  ///< Uncompressed, and 9 to 15 window bits.

  void on_turn_end() override { deliver(); }
  void deliver();
  void forget_pending() noexcept;
  void end_overflowing();
  bool deliver_batch(connection& to, std::array<batch, variants>& batches);
  const batch& batch_for(connection& to, std::array<batch, variants>& batches);
  void deliver_one_by_one(member& to);

  event_loop& loop_;
  const overflow_policy policy_;
  std::atomic<std::size_t> size_ = 0;
  std::atomic<std::size_t> posted_bytes_ = 0;
  std::vector<member> members_;
  pending_broadcasts pending_;
  std::vector<std::shared_ptr<connection>> overflowing_;
};

}  // namespace saker::websockets
