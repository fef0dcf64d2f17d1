#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/exchange/limits.hpp>

#include "http/message/request_head.hpp"

namespace saker::http::v2 {

/// What the limits of http_limits are compared with.
struct counted_fields {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

/// Gathers the decoded fields of one header block (RFC 9113, section 8.3; RFC 8441, section 4). No
/// I/O.
///
/// nghttp2 has checked what a single field may be, and that the pseudo-header fields come first,
/// once, and are known ones.
class head_builder {
 public:
  explicit head_builder(const http_limits& limits) : limits_(limits) {
    constexpr std::size_t usual_size = 512;
    constexpr std::size_t usual_count = 16;
    storage_.reserve(usual_size);
    fields_.reserve(usual_count);
  }

  /// For the next header block.
  void clear() noexcept;

  enum class verdict {
    accepted,
    too_large,  ///< Over a limit of http_limits: 431. Further fields are counted, not kept.
    excessive,  ///< Over twice that, or one field over its own: the connection ends.
  };
  verdict add(std::string_view name, std::string_view value);
  bool is_too_large() const noexcept { return too_large_; }

  /// After the last field: makes the head, to be moved on. An empty `allowed_scheme` allows http
  /// and https. Returns what is malformed, which resets the stream, or an empty text.
  std::string_view finish(std::string_view allowed_scheme, bool end_of_stream);
  /// For trailers, which need no head: the fields alone.
  headers take_fields() {
    append_cookies();
    return exactly(storage_, fields_);
  }
  http::request_head take() noexcept { return std::move(head_); }

 private:
  enum pseudo_field : std::uint8_t { method, scheme, authority, path, protocol };
  struct pseudo {
    bool given = false;
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  pseudo* pseudo_named(std::string_view name) noexcept;
  bool has(pseudo_field which) const noexcept { return pseudo_[which].given; }
  std::string_view text(pseudo_field which) const noexcept { return text(storage_, which); }
  std::string_view text(std::string_view storage, pseudo_field which) const noexcept {
    return storage.substr(pseudo_[which].begin, pseudo_[which].size);
  }
  static headers exactly(const std::string& storage, const std::vector<headers::position>& fields);
  std::string_view check(std::string_view allowed_scheme) const;
  void count(std::string_view name, std::string_view value);
  void keep(std::string_view name, std::string_view value);
  void add_cookie(std::string_view value);
  void append_cookies();
  bool is_authority(std::string_view host) const;

  const http_limits& limits_;
  std::string storage_;
  std::vector<headers::position> fields_;
  std::array<pseudo, 5> pseudo_{};
  counted_fields counted_;
  bool too_large_ = false;
  bool other_host_ = false;  ///< A Host field that is not the authority.
  std::string cookies_;      ///< Joined.
  http::request_head head_;
};

}  // namespace saker::http::v2
