#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace saker::testing {

/// The longest that any step of a test waits for the server. Only a failing test waits that long.
inline constexpr std::chrono::milliseconds patience{30'000};

/// Ordered bytes to a server and back: a connection, or a stream of HTTP/2. Every step is bounded
/// in time; one that cannot be done throws `std::runtime_error`, which fails the test.
///
/// Thread rule: one thread, or one that sends and one that reads.
class byte_channel {
 public:
  virtual ~byte_channel() = default;

  /// Sends everything. A channel that the server has ended throws.
  virtual void send_all(std::string_view bytes) = 0;
  /// The same, one byte per send.
  void send_byte_by_byte(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) send_all(bytes.substr(i, 1));
  }
  virtual std::string read_exactly(std::size_t size,
                                   std::chrono::milliseconds limit = patience) = 0;
  /// Reads until the server ends the channel, whether in order or by a reset.
  virtual std::string read_to_eof(std::chrono::milliseconds limit = patience) = 0;
};

}  // namespace saker::testing
