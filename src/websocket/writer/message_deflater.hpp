#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "websocket/deflate/codecs.hpp"
#include "websocket/deflate_parameters.hpp"

namespace saker::websockets {

/// The compressor of one socket, and what it knows of the peer's context. No I/O.
class message_deflater {
 public:
  /// Returns the payload of one frame, valid until the loop compresses something else.
  std::span<const std::byte> compress(const deflate_parameters& agreed, codecs& shared,
                                      std::span<const std::byte> data, bool end_of_message);
  /// The peer inflates something that was compressed elsewhere.
  void note_foreign_frame() noexcept { context_is_stale_ = true; }
  void reset() noexcept { stream_.reset(); }

 private:
  std::unique_ptr<deflater> stream_;  ///< During a message; with context takeover from then on.
  bool context_is_stale_ = false;     ///< The peer's has what this one does not know.
};

}  // namespace saker::websockets
