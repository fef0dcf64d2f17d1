#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "byte_queue.hpp"
#include "random.hpp"
#include "schedule.hpp"
#include "system.hpp"
#include "tls_end.hpp"

namespace saker::simulation {

/// How a client and its way to the server behave below the protocol.
struct manners {
  enum class pace { normal, slow, never };
  enum class departure { stays, ends, resets, vanishes };

  pace reads = pace::normal;
  std::size_t reads_normally = 0;  ///< So many bytes before the pace begins.
  pace writes = pace::normal;
  std::size_t writes_normally = 0;
  departure leaves = departure::stays;
  nanoseconds leaves_after = 0;
  std::optional<std::size_t> garbles_at = {};  ///< Where a byte of what it sends is another one.
  nanoseconds latency = 100 * microsecond;
  std::size_t stall_one_in = 0;  ///< 0: never.
  nanoseconds longest_stall = second;
  bool whole = false;   ///< Nothing is cut.
  bool secure = false;  ///< TLS.
  /// After so long the server's system gives up a client that has vanished and is owed something;
  /// 0: never, so that the server has to do it.
  nanoseconds system_gives_up_after = 0;
  std::size_t server_capacity = 64 * 1024;
  std::size_t client_capacity = 64 * 1024;
  std::uint32_t window = 65'535;  ///< Of HTTP/2: each stream's, and the connection's.

  bool honest() const noexcept {
    return reads == pace::normal && writes == pace::normal && leaves == departure::stays &&
           !garbles_at;
  }
};

/// The client's program, as far as a link sees it.
class link_user {
 public:
  virtual void on_data(std::string_view data) = 0;
  virtual void on_end() = 0;
  virtual void on_reset() = 0;

 protected:
  ~link_user() = default;
};

/// A connection between a client and the server, with what TCP and the systems of both sides do:
/// it cuts and joins, delays and stalls, and has room for so much and no more. On the client's side
/// there may be TLS above it.
class link final : private timed {
 public:
  link(schedule& times, random choices, const manners& how, link_user& user);

  // The client's side.
  bool connect(application_protocol above);
  void send(std::string_view data);
  void end();
  /// Asks for new keys of TLS.
  void update_keys();
  void reset();
  /// Says and hears nothing more; the server is not told.
  void vanish();
  /// Both sides know that it is over, or the client has gone.
  bool over() const noexcept {
    return client_gone_ || reset_ || (own_end_ != own_end::open && end_shown_);
  }
  bool server_gone() const noexcept { return server_gone_; }
  bool was_reset() const noexcept { return reset_; }
  bool client_gone() const noexcept { return client_gone_; }
  const manners& how() const noexcept { return how_; }
  std::string scheme() const { return how_.secure ? "https" : "http"; }
  std::uint64_t received() const noexcept { return received_; }
  /// What has reached the server's system; of use to know what its program could have seen.
  std::uint64_t arrived() const noexcept { return arrived_total_; }
  nanoseconds last_progress() const noexcept { return last_progress_; }
  /// Until when it has held something back for about a second or longer.
  nanoseconds stalled_until() const noexcept { return stalled_until_; }
  /// What the client has sent and the server's program has not taken.
  std::size_t untaken() const noexcept { return up_.size() + arrived_.size(); }
  std::size_t held() const noexcept {
    return up_.capacity() + arrived_.capacity() + down_.capacity() + (tls_ ? tls_->held() : 0);
  }

  // The server's side: what its system calls do.
  ssize_t server_receive(void* to, std::size_t most);
  ssize_t server_send(std::span<const iovec> from);
  void server_end();
  void close_server(bool with_reset);
  int take_error() noexcept;
  std::uint32_t ready() const;

 private:
  /// Of the client's side: its program has ended it, TLS has (close_notify), a FIN is behind `up_`.
  enum class own_end : std::uint8_t { open, wanted, told, sent };
  enum event { move_up, move_down, leave, tell_reset, send_fin, give_up };

  void on_time(int what) override;
  void move_to_server();
  void move_to_client();
  void put(std::string_view bytes);
  void send_end();
  void finish_end();
  void show(std::string_view bytes);
  void show_end();
  bool tls_agreed() const noexcept;
  void schedule_up();
  void schedule_down();
  nanoseconds delay(manners::pace pace, bool paced);
  std::size_t piece(std::size_t available, manners::pace pace, bool paced);
  void reset_from_client();
  bool reads_paced() const noexcept { return received_ >= how_.reads_normally; }
  bool writes_paced() const noexcept { return arrived_total_ >= how_.writes_normally; }

  schedule& times_;
  random choices_;
  manners how_;
  link_user& user_;
  std::unique_ptr<tls_end> tls_;

  byte_queue up_;
  byte_queue arrived_;
  byte_queue down_;
  std::uint64_t written_ = 0;
  std::uint64_t handshake_end_ = 0;
  std::uint64_t arrived_total_ = 0;
  std::uint64_t received_ = 0;
  nanoseconds last_progress_ = 0;
  nanoseconds may_stall_from_ = 0;
  nanoseconds stalled_until_ = 0;
  int error_ = 0;
  own_end own_end_ = own_end::open;
  bool moving_up_ = false;
  bool moving_down_ = false;
  bool client_end_arrived_ = false;
  bool ended_by_server_ = false;
  bool end_shown_ = false;
  bool reset_ = false;
  bool client_gone_ = false;
  bool server_gone_ = false;
};

}  // namespace saker::simulation
