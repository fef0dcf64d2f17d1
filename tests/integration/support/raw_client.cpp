#include "support/raw_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace saker::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("raw_client: " + what + ": " + std::strerror(errno));
}

[[noreturn]] void give_up(const std::string& what, const std::string& got) {
  throw std::runtime_error("raw_client: " + what + "; read so far: \"" + got.substr(0, 500) +
                           "\" (" + std::to_string(got.size()) + " bytes)");
}

}  // namespace

raw_client raw_client::connect(std::uint16_t port) { return connect(port, std::nullopt); }

raw_client raw_client::connect_with_small_buffer(std::uint16_t port) { return connect(port, 4096); }

raw_client raw_client::connect(std::uint16_t port, std::optional<int> receive_buffer) {
  raw_client client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (client.descriptor_ < 0) fail("socket");
  const int on = 1;
  ::setsockopt(client.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer) {
    ::setsockopt(client.descriptor_, SOL_SOCKET, SO_RCVBUF, &*receive_buffer, sizeof(int));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(client.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("connect to port " + std::to_string(port));
  }
  return client;
}

raw_client raw_client::connect_unix(const std::string& path) {
  raw_client client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (client.descriptor_ < 0) fail("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("raw_client: path too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::connect(client.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("connect to " + path);
  }
  return client;
}

raw_client::raw_client(raw_client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      was_reset_(other.was_reset_),
      buffer_(std::move(other.buffer_)),
      tls_(std::move(other.tls_)) {}

raw_client& raw_client::operator=(raw_client&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    was_reset_ = other.was_reset_;
    buffer_ = std::move(other.buffer_);
    tls_ = std::move(other.tls_);
  }
  return *this;
}

raw_client::~raw_client() { close(); }

void raw_client::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

bool raw_client::wait_for(short events, clock::time_point deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    pollfd entry{descriptor_, events, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::max<long>(0, static_cast<long>(left))));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) fail("poll");
  }
}

raw_client raw_client::connect_tls(std::uint16_t port, const tls_client_options& options) {
  auto client = connect(port);
  client.send_all(options.preamble);
  client.shake_hands(options);
  return client;
}

void raw_client::shake_hands(const tls_client_options& options) {
  ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
  tls_ = std::make_unique<tls_session>(descriptor_, options);
  const auto deadline = clock::now() + patience;
  for (;;) {
    const auto result = tls_->shake_hands();
    if (result == tls_session::result::done) return;
    const bool writes = result == tls_session::result::wants_write;
    if (!writes && result != tls_session::result::wants_read) {
      throw std::runtime_error("raw_client: no TLS: " + tls_->failure());
    }
    if (!wait_for(writes ? POLLOUT : POLLIN, deadline)) give_up("TLS in time", buffer_);
  }
}

bool raw_client::send_encrypted(std::string_view bytes) {
  const auto deadline = clock::now() + patience;
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const auto result = tls_->send(bytes.substr(0, 16384), sent);
    if (result == tls_session::result::done) {
      bytes.remove_prefix(sent);
    } else if (result == tls_session::result::ended || result == tls_session::result::failed) {
      return false;
    } else if (!wait_for(result == tls_session::result::wants_read ? POLLIN : POLLOUT, deadline)) {
      throw std::runtime_error("raw_client: the server does not read");
    }
  }
  return true;
}

bool raw_client::fill_decrypted(clock::time_point deadline) {
  for (;;) {
    char piece[65536];
    std::size_t got = 0;
    const auto result = tls_->receive(piece, sizeof piece, got);
    if (result == tls_session::result::done) {
      buffer_.append(piece, got);
      return true;
    }
    if (result == tls_session::result::ended) return false;
    if (result == tls_session::result::failed) {
      was_reset_ = true;
      return false;
    }
    if (!wait_for(POLLIN, deadline)) give_up("nothing came in time", buffer_);
  }
}

bool raw_client::send_bytes(std::string_view bytes) {
  if (tls_) return send_encrypted(bytes);
  const auto deadline = clock::now() + patience;
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(POLLOUT, deadline)) {
        throw std::runtime_error("raw_client: the server does not read");
      }
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return false;
    } else if (errno != EINTR) {
      fail("send");
    }
  }
  return true;
}

bool raw_client::try_send_all(std::string_view bytes) { return send_bytes(bytes); }

void raw_client::send_all(std::string_view bytes) {
  if (!send_bytes(bytes))
    throw std::runtime_error("raw_client: the server has ended the connection");
}

bool raw_client::fill(clock::time_point deadline) {
  if (tls_) return fill_decrypted(deadline);
  for (;;) {
    if (!wait_for(POLLIN, deadline)) give_up("nothing came in time", buffer_);
    char piece[65536];
    const auto got = ::recv(descriptor_, piece, sizeof piece, MSG_DONTWAIT);
    if (got > 0) {
      buffer_.append(piece, static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0) return false;
    if (errno == ECONNRESET || errno == EPIPE) {
      was_reset_ = true;
      return false;
    }
    if (errno != EINTR && errno != EAGAIN) fail("recv");
  }
}

std::string raw_client::read_until(std::string_view text, std::chrono::milliseconds limit) {
  const auto deadline = clock::now() + limit;
  std::size_t from = 0;
  for (;;) {
    const auto found = buffer_.find(text, from);
    if (found != std::string::npos) {
      auto result = buffer_.substr(0, found + text.size());
      buffer_.erase(0, result.size());
      return result;
    }
    from = buffer_.size() < text.size() ? 0 : buffer_.size() - text.size() + 1;
    if (!fill(deadline))
      give_up("the connection ended before \"" + std::string(text) + "\"", buffer_);
  }
}

std::string raw_client::read_exactly(std::size_t size, std::chrono::milliseconds limit) {
  const auto deadline = clock::now() + limit;
  while (buffer_.size() < size) {
    if (!fill(deadline)) {
      give_up("the connection ended before " + std::to_string(size) + " bytes", buffer_);
    }
  }
  auto result = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return result;
}

std::string raw_client::read_to_eof(std::chrono::milliseconds limit) {
  const auto deadline = clock::now() + limit;
  while (fill(deadline)) {
  }
  return std::exchange(buffer_, {});
}

std::string raw_client::read_some(std::chrono::milliseconds limit) {
  if (buffer_.empty()) fill(clock::now() + limit);
  return std::exchange(buffer_, {});
}

void raw_client::half_close() {
  if (tls_) tls_->send_end();
  ::shutdown(descriptor_, SHUT_WR);
}

void raw_client::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace saker::testing
