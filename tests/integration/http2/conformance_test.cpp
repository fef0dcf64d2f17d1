// RFC 9113, section by section: what a client does wrong, and the error that answers it. Where the
// RFC asks for an error of the stream, one of the connection is allowed too (section 5.4.1); the
// table says which it is.

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <saker/saker.hpp>

#include "support/h2_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

enum class scope { connection, stream };

/// Frames that follow the preface and an exchange of SETTINGS. Streams are 1, 3, ...
struct fault {
  std::string name;
  std::string bytes;
  scope where;
  std::uint32_t code;
};

std::ostream& operator<<(std::ostream& out, const fault& each) { return out << each.name; }

std::string frame(unsigned type, unsigned flags, std::uint32_t stream, std::string payload = {}) {
  return h2_frame{type, flags, stream, std::move(payload)}.bytes();
}

std::string get_frame(std::uint32_t stream, bool end = true, const h2::fields& more = {}) {
  auto fields = h2::get("/hello");
  fields.insert(fields.end(), more.begin(), more.end());
  return frame(h2::headers, h2::end_headers | (end ? h2::end_stream : 0), stream,
               h2::block(fields));
}

std::string head_frame(const h2::fields& fields) {
  return frame(h2::headers, h2::end_headers | h2::end_stream, 1, h2::block(fields));
}

std::string without(std::string_view name) {
  auto fields = h2::get("/hello");
  std::erase_if(fields, [&](const auto& each) { return each.first == name; });
  return head_frame(fields);
}

std::string with(std::string_view name, std::string_view value) {
  return get_frame(1, true, {{std::string(name), std::string(value)}});
}

std::string connect_without(std::string_view name) {
  auto fields = h2::connect("/ws");
  std::erase_if(fields, [&](const auto& each) { return each.first == name; });
  return head_frame(fields);
}

std::string connect_with(std::string_view name, std::string_view value) {
  auto fields = h2::connect("/ws");
  for (auto& each : fields) {
    if (each.first == name) each.second = value;
  }
  return head_frame(fields);
}

constexpr auto protocol = NGHTTP2_PROTOCOL_ERROR;
constexpr auto frame_size = NGHTTP2_FRAME_SIZE_ERROR;
constexpr auto flow_control = NGHTTP2_FLOW_CONTROL_ERROR;
constexpr auto closed = NGHTTP2_STREAM_CLOSED;
constexpr auto compression = NGHTTP2_COMPRESSION_ERROR;

std::vector<fault> all_faults() {
  const std::string post = get_frame(1, false, {{"content-length", "10"}});
  const std::string open = get_frame(1, false);
  return {
      // 4.2: sizes of frames.
      {"s4_2_data_too_large", open + frame(h2::data, 0, 1, std::string(16'385, 'x')),
       scope::connection, frame_size},
      {"s4_2_settings_of_7_bytes", frame(h2::settings, 0, 0, "1234567"), scope::connection,
       frame_size},
      {"s4_2_ping_of_7_bytes", frame(h2::ping, 0, 0, "1234567"), scope::connection, frame_size},
      {"s4_2_window_update_of_3_bytes", frame(h2::window_update, 0, 0, "123"), scope::connection,
       frame_size},
      {"s4_2_reset_of_3_bytes", open + frame(h2::reset, 0, 1, "123"), scope::connection,
       frame_size},
      {"s4_2_goaway_of_7_bytes", frame(h2::goaway, 0, 0, "1234567"), scope::connection, frame_size},
      // 4.3: header blocks.
      {"s4_3_broken_block", frame(h2::headers, h2::end_headers, 1, "\xff\xff\xff\xff\xff\xff"),
       scope::connection, compression},
      {"s4_3_index_that_is_not_there", frame(h2::headers, h2::end_headers, 1, "\xfe"),
       scope::connection, compression},
      {"s4_3_ping_inside_a_block",
       frame(h2::headers, 0, 1, h2::block(h2::get())) + frame(h2::ping, 0, 0, "12345678"),
       scope::connection, protocol},
      {"s4_3_block_of_another_stream_inside",
       frame(h2::headers, 0, 1, h2::block(h2::get())) + get_frame(3), scope::connection, protocol},
      // 5.1: states of streams.
      {"s5_1_data_on_an_idle_stream", frame(h2::data, 0, 1, "x"), scope::connection, protocol},
      {"s5_1_reset_of_an_idle_stream", frame(h2::reset, 0, 1, h2::number(8)), scope::connection,
       protocol},
      {"s5_1_window_update_on_an_idle_stream", frame(h2::window_update, 0, 1, h2::number(8)),
       scope::connection, protocol},
      {"s5_1_data_after_the_end", get_frame(1) + frame(h2::data, 0, 1, "x"), scope::connection,
       closed},
      {"s5_1_headers_after_the_end", get_frame(1) + get_frame(1), scope::connection, closed},
      {"s5_1_data_after_a_reset",
       open + frame(h2::reset, 0, 1, h2::number(8)) + frame(h2::data, 0, 1, "x"), scope::connection,
       closed},
      {"s5_1_headers_after_a_reset", open + frame(h2::reset, 0, 1, h2::number(8)) + get_frame(1),
       scope::connection, closed},
      {"s5_1_1_stream_below_another", get_frame(3) + get_frame(1), scope::connection, protocol},
      {"s5_1_1_stream_below_another_that_priority_named",
       frame(h2::priority, 0, 1, h2::number(0) + "x") + get_frame(3) + get_frame(1),
       scope::connection, protocol},
      {"s5_1_1_data_below_another", get_frame(3) + frame(h2::data, 0, 1, "x"), scope::connection,
       closed},
      {"s5_1_1_even_stream", get_frame(2), scope::connection, protocol},
      // 6: single frames.
      {"s6_1_data_on_stream_0", frame(h2::data, 0, 0, "x"), scope::connection, protocol},
      {"s6_1_more_padding_than_data", open + frame(h2::data, h2::padded, 1, "\x05x"),
       scope::connection, protocol},
      {"s6_2_headers_on_stream_0", frame(h2::headers, h2::end_headers, 0, h2::block(h2::get())),
       scope::connection, protocol},
      {"s6_2_more_padding_than_headers",
       frame(h2::headers, h2::end_headers | h2::padded, 1, "\x7f" + h2::block({{"a", "b"}})),
       scope::connection, protocol},
      {"s6_3_priority_on_stream_0", frame(h2::priority, 0, 0, "12345"), scope::connection,
       protocol},
      {"s6_4_reset_on_stream_0", frame(h2::reset, 0, 0, h2::number(8)), scope::connection,
       protocol},
      {"s6_5_settings_on_a_stream", frame(h2::settings, 0, 1), scope::connection, protocol},
      {"s6_5_acknowledgement_with_content", frame(h2::settings, h2::ack, 0, h2::setting(1, 1)),
       scope::connection, frame_size},
      {"s6_5_2_enable_push_2",
       frame(h2::settings, 0, 0, h2::setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 2)), scope::connection,
       protocol},
      {"s6_5_2_window_too_large",
       frame(h2::settings, 0, 0, h2::setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x80000000)),
       scope::connection, flow_control},
      {"s6_5_2_max_frame_size_too_small",
       frame(h2::settings, 0, 0, h2::setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16'383)),
       scope::connection, protocol},
      {"s6_5_2_max_frame_size_too_large",
       frame(h2::settings, 0, 0, h2::setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16'777'216)),
       scope::connection, protocol},
      {"s6_6_push_promise", open + frame(h2::push_promise, h2::end_headers, 1, h2::number(2)),
       scope::connection, protocol},
      {"s6_7_ping_on_a_stream", frame(h2::ping, 0, 1, "12345678"), scope::connection, protocol},
      {"s6_8_goaway_on_a_stream", frame(h2::goaway, 0, 1, "12345678"), scope::connection, protocol},
      {"s6_9_no_increment", frame(h2::window_update, 0, 0, h2::number(0)), scope::connection,
       protocol},
      {"s6_9_no_increment_on_a_stream", open + frame(h2::window_update, 0, 1, h2::number(0)),
       scope::connection, protocol},
      {"s6_9_1_window_overflows", frame(h2::window_update, 0, 0, h2::number(0x7fffffff)),
       scope::connection, flow_control},
      {"s6_9_1_window_of_a_stream_overflows",
       open + frame(h2::window_update, 0, 1, h2::number(0x7fffffff)), scope::stream, flow_control},
      {"s6_10_continuation_of_nothing", frame(h2::continuation, h2::end_headers, 1),
       scope::connection, protocol},
      {"s6_10_continuation_after_the_end_of_headers",
       open + frame(h2::continuation, h2::end_headers, 1, h2::block({{"a", "b"}})),
       scope::connection, protocol},
      // 8.1: messages.
      {"s8_1_trailers_without_end",
       open + frame(h2::headers, h2::end_headers, 1, h2::block({{"a", "b"}})), scope::stream,
       protocol},
      {"s8_1_pseudo_field_in_trailers",
       open + frame(h2::headers, h2::end_headers | h2::end_stream, 1, h2::block({{":path", "/"}})),
       scope::stream, protocol},
      {"s8_1_1_more_than_content_length",
       post + frame(h2::data, h2::end_stream, 1, std::string(11, 'x')), scope::stream, protocol},
      {"s8_1_1_less_than_content_length",
       post + frame(h2::data, h2::end_stream, 1, std::string(9, 'x')), scope::stream, protocol},
      {"s8_1_1_end_before_content_length", get_frame(1, true, {{"content-length", "1"}}),
       scope::stream, protocol},
      // 8.2: fields.
      {"s8_2_1_upper_case", with("X-Upper", "a"), scope::stream, protocol},
      {"s8_2_1_bad_name", with("a b", "c"), scope::stream, protocol},
      {"s8_2_1_line_end_in_value", with("a", "b\r\nc: d"), scope::stream, protocol},
      {"s8_2_1_nul_in_value", with("a", std::string_view("b\0c", 3)), scope::stream, protocol},
      {"s8_2_1_blank_around_value", with("a", " b"), scope::stream, protocol},
      {"s8_2_2_connection", with("connection", "close"), scope::stream, protocol},
      {"s8_2_2_keep_alive", with("keep-alive", "timeout=5"), scope::stream, protocol},
      {"s8_2_2_transfer_encoding", with("transfer-encoding", "chunked"), scope::stream, protocol},
      {"s8_2_2_upgrade", with("upgrade", "websocket"), scope::stream, protocol},
      {"s8_2_2_te", with("te", "gzip"), scope::stream, protocol},
      // 8.3: pseudo-header fields.
      {"s8_3_unknown",
       head_frame({{":method", "GET"},
                   {":scheme", "http"},
                   {":path", "/"},
                   {":authority", "a"},
                   {":fast", "1"}}),
       scope::stream, protocol},
      {"s8_3_status",
       head_frame({{":method", "GET"},
                   {":scheme", "http"},
                   {":path", "/"},
                   {":authority", "a"},
                   {":status", "200"}}),
       scope::stream, protocol},
      {"s8_3_after_a_field",
       head_frame({{":method", "GET"},
                   {":scheme", "http"},
                   {"a", "b"},
                   {":path", "/"},
                   {":authority", "a"}}),
       scope::stream, protocol},
      {"s8_3_twice", with(":path", "/"), scope::stream, protocol},
      {"s8_3_1_no_method", without(":method"), scope::stream, protocol},
      {"s8_3_1_no_scheme", without(":scheme"), scope::stream, protocol},
      {"s8_3_1_no_path", without(":path"), scope::stream, protocol},
      {"s8_3_1_no_authority", without(":authority"), scope::stream, protocol},
      {"s8_3_1_empty_path", head_frame(h2::get("")), scope::stream, protocol},
      {"s8_3_1_path_without_slash", head_frame(h2::get("hello")), scope::stream, protocol},
      {"s8_3_1_path_that_cannot_be_decoded", head_frame(h2::get("/%zz")), scope::stream, protocol},
      {"s8_3_1_other_scheme", head_frame(h2::get("/hello", "https")), scope::stream, protocol},
      {"s8_3_1_bad_authority",
       head_frame({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a b"}}),
       scope::stream, protocol},
      {"s8_3_1_host_unlike_authority", with("host", "other"), scope::stream, protocol},
      {"s8_3_1_host_on_another_port", with("host", "localhost:81"), scope::stream, protocol},
      {"s8_5_connect_with_path",
       head_frame({{":method", "CONNECT"}, {":authority", "a:1"}, {":path", "/"}}), scope::stream,
       protocol},
      // RFC 8441, section 4.
      {"rfc8441_s4_protocol_with_get",
       head_frame({{":method", "GET"},
                   {":scheme", "http"},
                   {":path", "/"},
                   {":authority", "a"},
                   {":protocol", "websocket"}}),
       scope::stream, protocol},
      {"rfc8441_s4_no_scheme", connect_without(":scheme"), scope::stream, protocol},
      {"rfc8441_s4_no_path", connect_without(":path"), scope::stream, protocol},
      {"rfc8441_s4_scheme_of_another_transport", connect_with(":scheme", "https"), scope::stream,
       protocol},
      {"rfc8441_s4_scheme_wss", connect_with(":scheme", "wss"), scope::stream, protocol},
  };
}

class http2_closed_streams : public ::testing::Test {
 protected:
  test_server server_{[](web_application& app) {
    app.map("/hello", [](http_context& context) -> task<void> {
      co_await context.request().read_all();
      co_await context.response().send("hello");
    });
    app.map_websocket("/ws", [](websocket& socket) -> task<void> { co_await socket.close(); });
  }};
};

class http2_conformance : public http2_closed_streams,
                          public ::testing::WithParamInterface<fault> {};

TEST_P(http2_conformance, answers_the_fault) {
  const auto& each = GetParam();
  const auto client = h2_client::connect(server_.port());
  client->try_send_bytes(each.bytes);
  if (each.where == scope::connection) {
    client->expect_connection_error(each.code);
    return;
  }
  client->expect_reset(1, each.code);
  // Other streams live on. (Streams 1 to 5 may have been used.)
  while (client->next_stream() < 7) {
  }
  EXPECT_EQ(client->finished(client->request(h2::get("/hello"))).data, "hello");
}

TEST_F(http2_closed_streams, answers_frames_on_a_stream_that_ended_in_order) {
  for (const auto& late : {frame(h2::data, 0, 1, "x"), get_frame(1)}) {
    const auto client = h2_client::connect(server_.port());
    client->send_bytes(get_frame(1));
    EXPECT_TRUE(client->finished(1).ended);
    client->send_bytes(late);
    client->expect_connection_error(closed);
  }
}

INSTANTIATE_TEST_SUITE_P(table, http2_conformance, ::testing::ValuesIn(all_faults()),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace saker::testing
