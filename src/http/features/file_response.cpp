#include "http/features/file_response.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <span>

#include "http/features/conditional.hpp"
#include "http/features/multipart_ranges.hpp"
#include "http/message/http_date.hpp"
#include "http/message/range_header.hpp"
#include "http/message/vary.hpp"

namespace saker::http {

namespace {

constexpr std::uint64_t piece_size = 64 * 1024;

/// What is sent after the head.
struct body_plan {
  std::vector<byte_range> ranges;
  std::optional<multipart_ranges> multipart;
};

void answer_unsatisfiable(http_response& response, std::uint64_t size) {
  response.set_status(416);
  response.headers().set("Content-Range", "bytes */" + std::to_string(size));
}

void describe_content(http_response& response, const representation& sent) {
  response.set_content_type(sent.content_type);
  if (!sent.content_coding.empty()) {
    response.headers().set("Content-Encoding", sent.content_coding);
  }
}

body_plan plan_whole(http_response& response, const representation& sent) {
  const auto size = sent.source.size();
  response.set_status(200);
  describe_content(response, sent);
  response.set_content_length(size);
  body_plan plan;
  if (size > 0) plan.ranges.push_back({0, size - 1});
  return plan;
}

body_plan plan_partial(http_response& response, std::vector<byte_range> ranges,
                       const representation& sent) {
  const auto size = sent.source.size();
  response.set_status(206);
  body_plan plan{std::move(ranges), std::nullopt};
  if (plan.ranges.size() == 1) {
    describe_content(response, sent);
    response.headers().set("Content-Range", content_range(plan.ranges.front(), size));
    response.set_content_length(plan.ranges.front().size());
  } else {
    plan.multipart.emplace(sent.content_type, size);
    response.set_content_type(plan.multipart->content_type());
    response.set_content_length(plan.multipart->content_length(plan.ranges));
  }
  return plan;
}

requested_ranges ranges_of(const http_request& request, const validators& current,
                           const representation& sent) {
  auto field = request.headers().find("Range");
  bool counts = request.method() == "GET" && field && request.headers().count("Range") == 1;
  if (!counts || !is_range_current(request.headers(), current)) return {};
  auto requested = parse_range(*field, sent.source.size());
  // Content-Encoding on multipart/byteranges would tell clients to decode its boundaries too.
  if (requested.ranges.size() > 1 && !sent.content_coding.empty()) return {};
  return requested;
}

/// Sets status and header fields, and says what is to follow them.
body_plan plan_answer(http_context& context, const representation& sent) {
  auto& response = context.response();
  auto& fields = response.headers();
  if (sent.depends_on_coding) vary_by(fields, "Accept-Encoding");
  auto etag = sent.source.etag(sent.content_coding);
  const auto now = std::time(nullptr);
  // A date in the future would keep caches from ever asking again (RFC 9110, section 8.8.2.1).
  const validators current{etag, std::min(sent.source.last_modified(), now), now};
  auto condition = evaluate_preconditions(context.request().headers(), current);
  if (condition == precondition::failed) {
    response.set_status(412);
    return {};
  }
  fields.set("ETag", etag);
  fields.set("Last-Modified", format_http_date(current.last_modified));
  fields.set("Accept-Ranges", "bytes");
  const bool is_fresh = condition == precondition::not_modified;
  auto requested = is_fresh ? requested_ranges{} : ranges_of(context.request(), current, sent);
  if (requested.result == requested_ranges::outcome::unsatisfiable) {
    answer_unsatisfiable(response, sent.source.size());
    return {};
  }
  // Not on a 416, which caches must not keep as long as the file.
  if (!sent.cache_control.empty()) fields.set("Cache-Control", sent.cache_control);
  if (is_fresh) {
    response.set_status(304);
    return {};
  }
  if (requested.result == requested_ranges::outcome::whole) return plan_whole(response, sent);
  return plan_partial(response, std::move(requested.ranges), sent);
}

task<void> write_range(http_response& response, const file& source, byte_range range,
                       std::span<std::byte> buffer) {
  for (auto offset = range.first; offset <= range.last;) {
    auto count = std::min<std::uint64_t>(buffer.size(), range.last - offset + 1);
    auto piece = buffer.first(static_cast<std::size_t>(count));
    source.read(offset, piece);
    auto written = response.write(std::span<const std::byte>(piece));
    co_await written;
    offset += count;
  }
}

task<void> write_text(http_response& response, std::string text) {
  auto written = response.write(std::string_view(text));
  co_await written;
}

task<void> write_body(http_response& response, const file& source, const body_plan& plan) {
  auto buffer_size = static_cast<std::size_t>(std::min(source.size(), piece_size));
  auto buffer = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
  bool is_first = true;
  for (const auto& range : plan.ranges) {
    if (plan.multipart) {
      auto head = write_text(response, plan.multipart->part_head(range, is_first));
      co_await head;
    }
    auto bytes = write_range(response, source, range, {buffer.get(), buffer_size});
    co_await bytes;
    is_first = false;
  }
  if (plan.multipart) {
    auto end = write_text(response, plan.multipart->end());
    co_await end;
  }
}

}  // namespace

task<void> send_file(http_context& context, representation sent,
                     const std::function<void(http_context&)>& on_prepare_response) {
  auto& response = context.response();
  auto plan = plan_answer(context, sent);
  if (on_prepare_response) on_prepare_response(context);
  bool has_content = response.status() == 200 || response.status() == 206;
  if (!has_content) co_return;
  if (context.request().method() == "HEAD" || plan.ranges.empty()) {
    auto started = response.start();
    co_await started;
  } else {
    auto written = write_body(response, sent.source, plan);
    co_await written;
  }
}

}  // namespace saker::http
