#include "io/socket_output.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "io/sockets.hpp"

namespace saker::io {
namespace {

/// Sent without asking the system again: a peer that reads as fast as something is written must not
/// have the loop for itself.
constexpr std::size_t most_at_once = 1024 * 1024;

ssize_t send_vectors(int descriptor, std::span<iovec> vectors) {
  if (vectors.size() == 1) {
    return ::send(descriptor, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL);
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

iovec vector_of(std::span<const std::byte> data) {
  return {const_cast<std::byte*>(data.data()), data.size()};
}

std::size_t size_of(std::span<const iovec> vectors) {
  std::size_t total = 0;
  for (const auto& each : vectors) total += each.iov_len;
  return total;
}

}  // namespace

bool socket_output::send(int descriptor) {
  do {
    if (sent_at_once_ >= most_at_once) {
      state_ = state::blocked;
      break;
    }
    std::array<iovec, 16> space;
    const auto vectors = std::span(space).first(queue_.gather(space));
    const auto result = send_vectors(descriptor, vectors);
    if (result < 0 && !would_block()) return false;
    const auto sent = result < 0 ? 0 : static_cast<std::size_t>(result);
    if (sent < size_of(vectors)) state_ = state::blocked;
    note_sent(sent);
    queue_.consume(sent);
  } while (has_to_send());
  return true;
}

socket_output::offered socket_output::offer(int descriptor, std::span<const std::byte> head,
                                            std::span<const std::byte> payload) {
  if (state_ != state::open || sent_at_once_ >= most_at_once) return offered::declined;
  std::array<iovec, 18> vectors;
  auto count = queue_.gather(std::span(vectors).first(16));
  const auto before = size_of(std::span(vectors).first(count));
  if (before != queue_.size()) return offered::declined;
  if (!head.empty()) vectors[count++] = vector_of(head);
  vectors[count++] = vector_of(payload);
  const auto result = send_vectors(descriptor, std::span(vectors).first(count));
  if (result < 0) return would_block() ? offered::declined : offered::failed;
  auto sent = static_cast<std::size_t>(result);
  note_sent(sent);
  const auto from_queue = std::min(sent, before);
  queue_.consume(from_queue);
  sent -= from_queue;
  const auto from_head = std::min(sent, head.size());
  queue_.append(head.subspan(from_head));
  queue_.append(payload.subspan(sent - from_head));
  if (!queue_.empty()) state_ = state::blocked;
  return offered::taken;
}

void socket_output::end(int descriptor) noexcept {
  state_ = state::ended;
  ::shutdown(descriptor, SHUT_WR);
}

void socket_output::fail(std::error_code error) noexcept {
  state_ = state::failed;
  error_ = error;
  queue_.clear();
}

}  // namespace saker::io
