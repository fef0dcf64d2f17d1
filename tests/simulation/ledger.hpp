#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace saker::simulation {

/// What a message of a sender looks like: its letter, its number, and so many bytes that follow
/// from both.
std::string make_message(char sender, std::size_t number, std::size_t size);

struct message_parts {
  char sender = 0;
  std::size_t number = 0;
};
/// Throws what is wrong with it.
message_parts read_message(std::string_view text);

/// Counts the messages of each sender, which must come one after the other.
class sequence {
 public:
  /// What is wrong, or empty.
  std::string take(std::string_view text);
  std::size_t of(char sender) const noexcept { return counts_[slot(sender)]; }
  std::size_t next(char sender) noexcept { return counts_[slot(sender)]++; }

 private:
  static std::size_t slot(char sender) noexcept { return static_cast<std::size_t>(sender) & 31U; }
  std::array<std::size_t, 32> counts_{};
};

/// Both sides' accounts of one WebSocket.
struct ledger {
  /// False: what comes from the client is not what it sent.
  bool trusted = true;

  // From the client to the server.
  sequence handler_received;
  bool handler_saw_close = false;
  int close_code_seen = 0;
  bool handler_ended = false;
  bool handler_failed = false;
  std::int64_t handler_ended_at = 0;
  bool accepted_while_stopping = false;

  // From the server to the client: what has been promised.
  sequence accepted;
  /// What had been promised when the server began to close in order.
  std::array<std::size_t, 32> before_close{};
  bool closed_in_order = false;

  void close_in_order() {
    if (closed_in_order) return;
    closed_in_order = true;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      before_close[static_cast<std::size_t>(letter) & 31U] = accepted.of(letter);
    }
  }
};

class ledgers {
 public:
  /// Who cannot be told.
  static constexpr std::size_t nobody = 1'000'000;

  ledgers() { of(nobody).trusted = false; }
  ledger& of(std::size_t client) { return books_[client]; }

 private:
  std::map<std::size_t, ledger> books_;
};

}  // namespace saker::simulation
