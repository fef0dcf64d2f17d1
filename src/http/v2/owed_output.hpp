#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "http/exchange/data_rate.hpp"

namespace saker::http::v2 {

/// What a client has asked for and not taken, over all streams. One that asks and does not take
/// the answers is not read from, and must take something meanwhile.
class owed_output {
 public:
  // Acknowledgements of PING and SETTINGS.
  void owe_acknowledgement() noexcept { ++acknowledgements_; }
  void note_acknowledged() noexcept {
    acknowledgements_ -= std::min<std::size_t>(acknowledgements_, 1);
  }
  void forget_acknowledgements() noexcept { acknowledgements_ = 0; }
  std::size_t acknowledgements() const noexcept { return acknowledgements_; }

  /// Payload of DATA that has been sent: while it grows, others have their turn.
  void note_data(std::size_t bytes) noexcept { data_sent_ += bytes; }
  std::uint64_t data_sent() const noexcept { return data_sent_; }

  /// Nothing is read, since so much is owed.
  bool stops_reading() const noexcept { return stops_reading_; }
  void stop_reading(std::uint64_t sent) noexcept {
    stops_reading_ = true;
    pace_.begin(sent);
  }
  void go_on_reading() noexcept { stops_reading_ = false; }

  /// The client has ended its side, which is seen while nothing is read.
  void note_peer_ended() noexcept { peer_ended_ = true; }
  /// Nothing reaches the client any more: nothing is owed to it either.
  void note_lost() noexcept { lost_ = true; }
  bool is_lost() const noexcept { return lost_; }

  /// It takes nothing, or too little, since reading has stopped.
  bool is_slow(std::uint64_t sent, const http_limits& limits, bool stopping) noexcept {
    // Of a client that has ended its side not even "no limit" can expect more.
    constexpr std::uint32_t rate_after_end = 240;
    const auto rate = std::max(limits.min_response_data_rate, peer_ended_ ? rate_after_end : 0);
    return pace_.is_slow(sent, rate, limits, stopping);
  }

 private:
  std::size_t acknowledgements_ = 0;
  std::uint64_t data_sent_ = 0;
  data_rate pace_;
  bool stops_reading_ = false;
  bool peer_ended_ = false;
  bool lost_ = false;
};

}  // namespace saker::http::v2
