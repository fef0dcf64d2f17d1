#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "async/token_bucket.hpp"
#include "io/byte_stream.hpp"
#include "io/tls_server.hpp"

namespace saker::io {

/// OpenSSL's view of the stream below.
///
/// What OpenSSL sends while it reads are answers: to a KeyUpdate (RFC 8446, section 4.6.3), to a
/// renegotiation that is refused, alerts. A peer can ask for any number of them, so nothing more is
/// read while they wait behind `most_below` bytes. New keys cost a thousand times what it costs to
/// ask for them, so that a peer may have only so many.
class tls_channel {
 public:
  /// What waits in the stream below is encrypted and cannot be taken back; it is kept short.
  static constexpr std::size_t most_below = 64 * 1024;

  explicit tls_channel(byte_stream& below) noexcept : below_(&below) {}
  tls_channel(const tls_channel&) = delete;
  tls_channel& operator=(const tls_channel&) = delete;

  /// Takes over what reads and writes here from now on.
  void start(owned_ssl ssl);
  /// Null before the start, and after the end.
  SSL* ssl() const noexcept { return ssl_.get(); }
  void end() noexcept { ssl_.reset(); }

  /// Counts what is no data from here on.
  void note_handshake_done() noexcept { SSL_set_info_callback(ssl(), count_message); }
  /// The peer has asked for more new keys than it may: nothing more is read.
  bool is_flooded() const noexcept { return flooded_; }

  /// The stream below is gone.
  void detach() noexcept { below_ = nullptr; }

  /// During `on_read`: what has arrived. The end returns what OpenSSL has not taken.
  void begin_reading(std::span<const std::byte> data) noexcept { arriving_ = data; }
  std::size_t end_reading() noexcept;
  bool is_empty() const noexcept { return arriving_.empty(); }

  /// What is written meanwhile is no answer.
  void set_sending(bool sending) noexcept { sending_ = sending; }
  /// Answers wait, and so much in front of them that nothing more is read.
  bool owes_answers() const noexcept {
    return below_ && below_->queued() >= most_below && below_->sent() < answers_end_;
  }
  /// Nothing is read from below until the answers are taken.
  bool is_held() const noexcept { return held_; }
  void hold_reading() noexcept;
  /// True: it was held.
  bool release() noexcept { return std::exchange(held_, false); }

 private:
  /// Steps of OpenSSL: a KeyUpdate takes three to five.
  static constexpr std::uint32_t steps_at_once = 500;
  static constexpr std::uint32_t steps_per_second = 50;

  static void count_message(const SSL* ssl, int where, int) noexcept;
  static BIO_METHOD* method();
  static int read(BIO* bio, char* buffer, std::size_t size, std::size_t* done);
  static int write(BIO* bio, const char* data, std::size_t size, std::size_t* done);
  static long control(BIO* bio, int command, long number, void* pointer);

  byte_stream* below_;
  std::span<const std::byte> arriving_;
  std::uint64_t answers_end_ = 0;  ///< Of the last answer, counted as `sent` counts.
  async::token_bucket steps_{steps_at_once, steps_per_second};
  bool sending_ = false;
  bool flooded_ = false;
  bool held_ = false;
  owned_ssl ssl_;
};

}  // namespace saker::io
