#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <saker/signalr/protocol/hub_protocol.hpp>

namespace saker::signalr {

/// Hub messages out of the pieces in which they arrive. What it costs grows with the bytes: a
/// message in many pieces is copied together once, and each byte is looked at once for its end.
/// Without I/O.
class message_assembly {
 public:
  /// Absent: messages may be of any size.
  explicit message_assembly(std::optional<std::size_t> most_bytes) noexcept
      : most_(most_bytes.value_or(std::string::npos)) {}

  /// The next piece; it must stay where it is until `keep`.
  void feed(std::string_view piece);
  /// The next whole message, valid until `keep` or `feed`; absent: more is needed. Throws
  /// protocol_error for one that is too large.
  std::optional<std::string_view> next(const hub_protocol& protocol);
  /// Takes what is incomplete to itself, before the piece goes.
  void keep();
  /// What comes next continues nothing.
  void clear() noexcept;
  bool is_empty() const noexcept { return rest_.empty(); }

 private:
  const std::size_t most_;
  std::string kept_;
  std::string_view rest_;           ///< Of kept_, or of a piece.
  std::size_t looked_through_ = 0;  ///< That many bytes of it hold no end.
};

}  // namespace saker::signalr
