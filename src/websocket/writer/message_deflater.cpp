#include "websocket/writer/message_deflater.hpp"

#include <utility>
#include <vector>

namespace saker::websockets {

std::span<const std::byte> message_deflater::compress(const deflate_parameters& agreed,
                                                      codecs& shared,
                                                      std::span<const std::byte> data,
                                                      bool end_of_message) {
  auto& output = shared.compressed();
  if (data.empty()) {
    // RFC 7692, section 7.2.3.6.
    if (end_of_message) output.push_back(std::byte{0});
  } else {
    if (!stream_) {
      stream_ = agreed.server_context_takeover
                    ? std::make_unique<deflater>(agreed.server_max_window_bits)
                    : shared.take_deflater(agreed.server_max_window_bits);
    } else if (context_is_stale_) {
      stream_->reset(agreed.server_max_window_bits);
    }
    context_is_stale_ = false;
    stream_->compress(data, end_of_message, output);
  }
  if (end_of_message && stream_ && !agreed.server_context_takeover) {
    shared.give_back(std::move(stream_));
  }
  return output;
}

}  // namespace saker::websockets
