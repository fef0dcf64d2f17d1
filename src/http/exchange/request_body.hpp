#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

#include <saker/http/message/headers.hpp>

#include "async/deadline.hpp"
#include "http/exchange/body_pipe.hpp"
#include "http/exchange/data_rate.hpp"

namespace saker::http {

class exchange;

/// The body of a request on its way to the handler: how much may come (413), at which pace (408),
/// and whether the client waits to be asked for it (RFC 9110, section 10.1.1).
///
/// Owner: the exchange of a request that has one.
class request_body final : private body_pipe::source {
 public:
  request_body(exchange& of, bool expects_continue);

  /// The handler's end.
  body_pipe& pipe() noexcept { return pipe_; }

  // For the carrier.
  bool is_open() const noexcept { return pipe_.is_open(); }
  /// It has come to an end that is not its own.
  bool has_failed() const noexcept { return pipe_.has_failed(); }
  std::size_t kept() const noexcept { return pipe_.kept(); }
  std::uint64_t received() const noexcept { return received_; }
  /// Whether the body will come cannot be known.
  bool awaits_continue() const noexcept { return continue_due_; }
  /// False: it is larger than it may be, and has failed.
  bool receive(std::span<const std::byte> data);
  void finish(headers trailers = {});
  void fail(std::error_code error) { pipe_.fail(error); }
  /// What the client has bought before counts no more.
  void on_stopping();

 private:
  struct pace : async::deadline {
    using async::deadline::deadline;
    data_rate rate;
  };

  void on_body_wanted() override;
  void on_body_taken() override;
  void check_pace();
  bool is_slow();

  exchange& exchange_;
  body_pipe pipe_;
  std::uint64_t received_ = 0;
  bool continue_due_;
  std::unique_ptr<pace> pace_;  ///< Since it is wanted.
};

}  // namespace saker::http
