#pragma once

#include <string>
#include <vector>

#include "app/endpoint.hpp"
#include "io/sockets.hpp"

namespace saker::app {

/// The listening sockets of one endpoint: for each address, one per loop (TCP) or one for all
/// (Unix). Owns the descriptors until `release`.
class binding {
 public:
  /// Throws `std::system_error` whose text is one clear line.
  binding(const endpoint& at, unsigned loops, unsigned unix_socket_mode);
  binding(binding&&) noexcept = default;
  binding(const binding&) = delete;
  ~binding();

  const std::string& url() const noexcept { return url_; }
  bool is_shared() const noexcept { return shared_; }
  bool is_secure() const noexcept { return secure_; }
  /// One list per address; each has one descriptor per loop, or a single one when shared.
  std::vector<std::vector<int>> release() noexcept;

 private:
  void bind_tcp(const endpoint& at, unsigned loops);
  std::uint16_t add_address(const std::string& ip, std::uint16_t port, unsigned loops);

  std::string url_;
  bool shared_ = false;
  bool secure_ = false;
  std::vector<std::vector<int>> descriptors_;
};

}  // namespace saker::app
