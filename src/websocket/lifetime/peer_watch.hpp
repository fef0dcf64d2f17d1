#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "async/deadline.hpp"

namespace saker::websockets {

class connection;

/// The time limits of a WebSocket: keep-alive, idle sockets, blocked sends, the closing handshake.
/// One deadline. All times are in ticks of the wheel, less what long turns have taken, in which the
/// peer was not listened to; our own Pongs go by the wheel itself.
///
/// Owner: the connection. Thread rule: the loop's thread.
class peer_watch {
 public:
  explicit peer_watch(connection& socket) noexcept;
  peer_watch(const peer_watch&) = delete;
  peer_watch& operator=(const peer_watch&) = delete;

  void begin();
  void end() noexcept { timer_.clear(); }

  void note_received() noexcept { last_received_ = now(); }
  void take_pong(std::span<const std::byte> payload) noexcept;
  /// Our Close has been sent.
  void note_close_sent();
  /// A send begins to wait.
  void limit_sending();
  /// The rest of the closing handshake may take `close_timeout`.
  void limit_closing();

 private:
  /// What must come in time.
  enum class awaited : std::uint8_t {
    anything,  ///< Also after our Close, as long as the application receives.
    pong,
    end,  ///< Within `close_timeout`.
  };

  std::uint32_t now() const noexcept;
  std::uint32_t wheel_now() const noexcept;
  bool sends_pongs() const noexcept;
  void on_timer();
  void set_timer();
  std::uint32_t next_check(std::uint32_t time) const noexcept;
  bool listens() const noexcept;
  void check_peer(std::uint32_t time);
  void check_pong(std::uint32_t time);
  void send_pong();
  void send_ping(std::uint32_t time);
  void end_unanswered();
  std::uint32_t silent_until() const noexcept;
  void note_progress(std::uint32_t time);
  void mark_progress(std::uint32_t time);
  std::uint32_t sent() const noexcept;
  bool has_blocked_too_long(std::uint32_t time);
  std::uint32_t closing_ticks() const noexcept;
  bool closing_is_over(std::uint32_t time);

  connection& socket_;
  async::deadline timer_;
  awaited awaited_ = awaited::anything;
  std::uint32_t last_received_ = 0;
  std::uint32_t last_keep_alive_ = 0;  ///< What the peer has had to answer since.
  std::uint32_t last_pong_ = 0;        ///< Unsolicited, by the wheel.
  std::uint32_t last_progress_ = 0;
  std::uint32_t ping_counter_ = 0;
  std::uint32_t sent_before_ = 0;  ///< Bytes; only whether they change is of interest.
};

}  // namespace saker::websockets
