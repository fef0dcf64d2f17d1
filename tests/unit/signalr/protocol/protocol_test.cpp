#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <saker/signalr/protocol/hub_protocol.hpp>

#include "binding/base64.hpp"
#include "signalr/protocol/handshake.hpp"
#include "unit/signalr/protocol/protocol_vectors.hpp"

namespace saker::signalr {
namespace {

std::string from_base64(const std::string& text) {
  const auto bytes = binding::from_base64(text).value();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string with_length(const std::string& body) {
  std::string framed;
  auto size = body.size();
  for (; size > 0x7f; size >>= 7) framed += static_cast<char>((size & 0x7f) | 0x80);
  return framed += static_cast<char>(size) + body;
}

void expect_equal(const hub_protocol& protocol, const hub_message& read,
                  const hub_message& wanted) {
  EXPECT_EQ(read.type, wanted.type);
  EXPECT_EQ(read.headers, wanted.headers);
  EXPECT_EQ(read.invocation_id, wanted.invocation_id);
  EXPECT_EQ(read.target, wanted.target);
  ASSERT_EQ(read.value.empty(), wanted.value.empty());
  if (!read.value.empty()) {
    EXPECT_EQ(value_of(protocol, read), value_of(json_protocol(), wanted));
  }
  EXPECT_EQ(read.has_result, wanted.has_result);
  EXPECT_EQ(read.error, wanted.error);
  EXPECT_EQ(read.stream_ids, wanted.stream_ids);
  EXPECT_EQ(read.allow_reconnect, wanted.allow_reconnect);
  EXPECT_EQ(read.sequence_id, wanted.sequence_id);
}

class protocol_vectors_test : public testing::TestWithParam<protocol_vector> {};

TEST_P(protocol_vectors_test, json) {
  const auto& [name, message, text, body] = GetParam();
  EXPECT_EQ(written(json_protocol(), message), text + '\x1e');
  const auto frame = json_protocol().next_frame(text + "\x1e{", 0);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->size, text.size() + 1);
  const auto read = json_protocol().parse(text);
  ASSERT_TRUE(read);
  expect_equal(json_protocol(), *read, message);
}

TEST_P(protocol_vectors_test, messagepack) {
  const auto& [name, message, text, body] = GetParam();
  const auto bytes = with_length(from_base64(body));
  EXPECT_EQ(written(messagepack_protocol(), message), bytes);
  const auto frame = messagepack_protocol().next_frame(bytes, 0);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->size, bytes.size());
  const auto read = messagepack_protocol().parse(frame->payload);
  ASSERT_TRUE(read);
  expect_equal(messagepack_protocol(), *read, message);
}

TEST_P(protocol_vectors_test, is_incomplete_without_its_last_byte) {
  const auto& [name, message, text, body] = GetParam();
  for (const auto* protocol : {&json_protocol(), &messagepack_protocol()}) {
    const auto bytes = written(*protocol, message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(protocol->next_frame(std::string_view(bytes).substr(0, size), 0));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(vectors, protocol_vectors_test, testing::ValuesIn(protocol_vectors()),
                         [](const auto& each_vector) {
                           auto name = each_vector.param.name;
                           for (auto& each : name) each = each == ' ' ? '_' : each;
                           return name;
                         });

struct size_vector {
  std::size_t size;
  hub_message message;
};

TEST(json_protocol, has_the_sizes_that_the_original_has) {
  using type = message_type;
  const auto completion = [](bool result, std::optional<std::string> error) {
    hub_message message{.type = type::completion, .invocation_id = "1"};
    if (result) message.value = "1";
    message.has_result = result;
    message.error = std::move(error);
    return message;
  };
  const auto item = [](const char* value) {
    hub_message message{.type = type::stream_item, .invocation_id = "1"};
    message.value = value;
    return message;
  };
  const std::vector<size_vector> all{
      {45, invocation("", "Target", json::array({1}))},
      {64, invocation("1", "Target", json::array({1}))},
      {82, invocation("1", "Target", json::array({1}), {"2"})},
      {11, {.type = type::close}},
      {27, with_error(type::close, "error")},
      {42, item("null")},
      {39, item("1")},
      {30, completion(false, {})},
      {41, completion(true, {})},
      {46, completion(false, "error")},
      {63, invocation("1", "target", json::array(), {}, type::stream_invocation)},
      {81, invocation("1", "target", json::array(), {"2"}, type::stream_invocation)},
      {30, {.type = type::cancel_invocation, .invocation_id = "1"}},
      {11, {.type = type::ping}},
  };
  for (const auto& [size, message] : all) {
    EXPECT_EQ(written(json_protocol(), message).size(), size) << written(json_protocol(), message);
  }
}

TEST(json_protocol, takes_properties_in_any_order_and_ignores_unknown_ones) {
  const auto call = json_protocol().parse(
      R"({"extra":{"type":9},"arguments":[1],"target":"T","invocationId":"1","type":1})");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->type, message_type::invocation);
  EXPECT_EQ(call->value, "[1]");
  const auto done = json_protocol().parse(R"({"result":{"a":1},"invocationId":"1","type":3})");
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->has_result);
  EXPECT_EQ(done->value, R"({"a":1})");
}

TEST(json_protocol, forgets_what_a_type_has_no_use_for) {
  const auto cancel = json_protocol().parse(
      R"({"type":5,"invocationId":"x","target":"t","arguments":[1],"streamIds":["1"]})");
  ASSERT_TRUE(cancel);
  EXPECT_EQ(cancel->invocation_id, "x");
  EXPECT_EQ(cancel->target, "");
  EXPECT_TRUE(cancel->stream_ids.empty());
  const auto ping = json_protocol().parse(R"({"type":6,"invocationId":"x","target":"t"})");
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->invocation_id, "");
  EXPECT_EQ(ping->target, "");
}

TEST(json_protocol, ignores_unknown_types) {
  EXPECT_FALSE(json_protocol().parse(R"({"type":10})"));
  EXPECT_FALSE(json_protocol().parse(R"({"type":0})"));
  EXPECT_FALSE(json_protocol().parse(R"({"type":-1})"));
}

TEST(json_protocol, keeps_integers_of_64_bits) {
  const auto read = json_protocol().parse(
      R"({"type":1,"target":"T","arguments":[9223372036854775807,-9223372036854775808,18446744073709551615]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(written(json_protocol(), *read),
            "{\"type\":1,\"target\":\"T\",\"arguments\":[9223372036854775807,-9223372036854775808,"
            "18446744073709551615]}\x1e");
}

TEST(json_protocol, takes_integers_of_more_bits_for_floats) {
  const auto read =
      json_protocol().parse(R"({"type":1,"target":"T","arguments":[123456789012345678901234]})");
  ASSERT_TRUE(read);
  EXPECT_DOUBLE_EQ(value_of(json_protocol(), *read)[0].get<double>(), 123456789012345678901234.0);
}

TEST(json_protocol, takes_64_levels) {
  const auto nested = [](std::size_t levels) {
    return R"({"type":1,"target":"T","arguments":)" + std::string(levels - 1, '[') +
           std::string(levels - 1, ']') + "}";
  };
  EXPECT_TRUE(json_protocol().parse(nested(64)));
  EXPECT_THROW(json_protocol().parse(nested(65)), protocol_error);
}

TEST(json_protocol, the_last_of_equal_properties_counts) {
  EXPECT_EQ(json_protocol().parse(R"({"type":6,"type":7})")->type, message_type::close);
}

TEST(json_protocol, writes_what_is_no_utf8_as_replacement) {
  EXPECT_EQ(written(json_protocol(), invocation("", "T", json::array({"a\xff"}))),
            "{\"type\":1,\"target\":\"T\",\"arguments\":[\"a\xef\xbf\xbd\"]}\x1e");
}

TEST(json_protocol, escapes_and_does_not_escape_as_the_original_does) {
  EXPECT_EQ(written(json_protocol(), invocation("", "T", json::array({"\"\\\n\x01ü<>&'"}))),
            "{\"type\":1,\"target\":\"T\",\"arguments\":[\"\\\"\\\\\\n\\u0001ü<>&'\"]}\x1e");
}

struct fault {
  std::string text;
  std::string error;
};

TEST(json_protocol, refuses_with_the_texts_of_the_original) {
  std::string deep = R"({"type":1,"target":"T","arguments":)";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const std::vector<fault> faults{
      {"", "Error reading JSON."},
      {"{", "Error reading JSON."},
      {"nonsense", "Error reading JSON."},
      {R"({"type":6} )"
       "x",
       "Error reading JSON."},
      {R"({"type":6,})", "Error reading JSON."},
      {R"({"type":6/**/})", "Error reading JSON."},
      {deep, "Error reading JSON."},
      {"[]", "Unexpected JSON Token Type. Expected a JSON Object."},
      {"{}", "Missing required property 'type'."},
      {R"({"type":"1"})", "Expected 'type' to be of type Number."},
      {R"({"type":1.5})", "Expected 'type' to be of type Number."},
      {R"({"type":2147483648})", "Expected 'type' to be of type Number."},
      {R"({"type":1})", "Missing required property 'target'."},
      {R"({"type":1,"target":"T"})", "Missing required property 'arguments'."},
      {R"({"type":1,"target":42,"arguments":[]})", "Expected 'target' to be of type String."},
      {R"({"type":1,"target":"T","arguments":{}})", "Expected 'arguments' to be of type Array."},
      {R"({"type":1,"invocationId":42,"target":"T","arguments":[]})",
       "Expected 'invocationId' to be of type String."},
      {R"({"type":1,"target":"T","arguments":[],"streamIds":"x"})",
       "Expected 'streamIds' to be of type Array."},
      {R"({"type":1,"target":"T","arguments":[],"streamIds":[null]})",
       "Null value for 'streamIds' is not valid."},
      {R"({"type":1,"target":"T","arguments":[],"headers":{"a":1}})",
       "Expected header 'a' to be of type String."},
      {R"({"type":1,"target":"T","arguments":[],"headers":[]})",
       "Expected 'headers' to be of type Object."},
      {R"({"type":2,"invocationId":"1"})", "Missing required property 'item'."},
      {R"({"type":2,"item":1})", "Missing required property 'invocationId'."},
      {R"({"type":3})", "Missing required property 'invocationId'."},
      {R"({"type":3,"invocationId":"1","error":"e","result":1})",
       "The 'error' and 'result' properties are mutually exclusive."},
      {R"({"type":3,"invocationId":"1","error":1})", "Expected 'error' to be of type String."},
      {R"({"type":4,"target":"T","arguments":[]})", "Missing required property 'invocationId'."},
      {R"({"type":5})", "Missing required property 'invocationId'."},
      {R"({"type":7,"allowReconnect":"yes"})", "Expected 'allowReconnect' to be true or false."},
      {R"({"type":8})", "Missing required property 'sequenceId'."},
      {R"({"type":9,"sequenceId":"1"})", "Expected 'sequenceId' to be of type Number."},
      {R"({"type":9,"sequenceId":9223372036854775808})",
       "Expected 'sequenceId' to be of type Number."},
  };
  for (const auto& [text, error] : faults) {
    try {
      json_protocol().parse(text);
      ADD_FAILURE() << "was taken: " << text.substr(0, 100);
    } catch (const protocol_error& refused) {
      EXPECT_EQ(refused.what(), error) << text.substr(0, 100);
    }
  }
}

TEST(json_protocol, ignores_members_that_the_type_has_no_use_for) {
  const std::string all =
      R"("invocationId":"1","target":"T","arguments":[1],"item":2,"result":3,"sequenceId":4})";
  EXPECT_EQ(json_protocol().parse(R"({"type":1,)" + all)->value, "[1]");
  EXPECT_EQ(json_protocol().parse(R"({"type":2,)" + all)->value, "2");
  EXPECT_EQ(json_protocol().parse(R"({"type":3,)" + all)->value, "3");
}

std::optional<hub_message> parse_bytes(std::string_view body) {
  return messagepack_protocol().parse(body);
}

TEST(messagepack_protocol, takes_what_the_javascript_client_leaves_out) {
  // [1, {}, nil, "T", []] and [7, nil].
  const auto call = parse_bytes(std::string_view("\x95\x01\x80\xc0\xa1T\x90", 7));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->target, "T");
  const auto close = parse_bytes(std::string_view("\x92\x07\xc0", 3));
  ASSERT_TRUE(close);
  EXPECT_FALSE(close->allow_reconnect);
}

TEST(messagepack_protocol, takes_integers_of_any_width_and_ignores_what_follows) {
  // [uint16 6, "extra"]; [8, int64 42, nil].
  EXPECT_EQ(parse_bytes(std::string_view("\x92\xcd\x00\x06\xa5"
                                         "extra",
                                         10))
                ->type,
            message_type::ping);
  EXPECT_EQ(parse_bytes(std::string_view("\x93\x08\xd3\0\0\0\0\0\0\0\x2a\xc0", 12))->sequence_id,
            42);
}

TEST(messagepack_protocol, an_empty_id_is_none) {
  const auto call = parse_bytes(std::string_view("\x95\x01\x80\xa0\xa1T\x90", 7));
  ASSERT_TRUE(call);
  EXPECT_TRUE(call->invocation_id.empty());
}

TEST(messagepack_protocol, a_null_error_is_none) {
  const auto ended = parse_bytes(std::string_view("\x95\x03\x80\xa1x\x01\xc0", 7));
  ASSERT_TRUE(ended);
  EXPECT_FALSE(ended->error);
}

TEST(messagepack_protocol, ignores_unknown_types) {
  EXPECT_FALSE(parse_bytes("\x91\x0a"));
  EXPECT_FALSE(parse_bytes("\x91\xff"));
}

TEST(messagepack_protocol, leaves_it_to_the_call_whether_its_arguments_are_an_array) {
  EXPECT_EQ(parse_bytes(std::string_view("\x95\x01\x80\xc0\xa1T\x80", 7))->value, "\x80");
  EXPECT_EQ(parse_bytes(std::string_view("\x94\x01\x80\xc0\xa1T", 6))->value, "");
}

TEST(messagepack_protocol, refuses_what_is_malformed) {
  const std::vector<std::string_view> faults{
      "",
      std::string_view("\x90", 1),                                 // nothing in it
      "\xc1",                                                      // never used
      "\xa1x",                                                     // no array
      "\x91\xa1x",                                                 // the type is no number
      std::string_view("\x95\x01\x90\xc0\xa1T\x90", 7),            // headers are no map
      std::string_view("\x95\x01\x80\x01\xa1T\x90", 7),            // the id is a number
      std::string_view("\x95\x01\x80\xc0\xc0\x90", 6),             // no target
      std::string_view("\x96\x01\x80\xc0\xa1T\x90\x91\xc0", 9),    // a null stream id
      std::string_view("\x95\x01\x81\xa1k\xc0\xc0\xa1T\x90", 10),  // a header without value
      std::string_view("\x94\x02\x80\xc0\x01", 5),                 // an item without id
      std::string_view("\x94\x03\x80\xa1x\x04", 6),                // an unknown kind of result
      std::string_view("\x94\x03\x80\xa1x\x03", 6),                // no result
      std::string_view("\x92\x08\xa1x", 4),                        // an Ack of a string
      "\x92\x08\xcf\xff\xff\xff\xff\xff\xff\xff\xff",              // ... of 2^64 - 1
      std::string_view("\x91\xce\x80\x00\x00\x00", 6),             // a type of 2^31
      std::string_view("\x95\x01\x80\xc0\xa1T\xdd\xff\xff\xff\xff", 11),  // more than there is
      std::string_view("\x95\x01\x80\xc0\xa1T\x91\xdb\xff\xff\xff\xff", 12),
  };
  for (const auto each : faults) {
    EXPECT_ANY_THROW(parse_bytes(each)) << testing::PrintToString(std::string(each));
  }
  const std::string deep =
      "\x95\x01" + std::string("\x80\xc0\xa1T", 4) + std::string(100'000, '\x91');
  EXPECT_THROW(parse_bytes(deep), protocol_error);
}

TEST(messagepack_protocol, refuses_lengths_over_2_gigabytes) {
  EXPECT_THROW(messagepack_protocol().next_frame("\xff\xff\xff\xff\x08", 0), protocol_error);
  EXPECT_THROW(messagepack_protocol().next_frame("\x80\x80\x80\x80\x80\x01", 0), protocol_error);
  EXPECT_FALSE(messagepack_protocol().next_frame("\xff\xff\xff\xff\x07", 0));
  EXPECT_FALSE(messagepack_protocol().next_frame("\x80\x29", 0));
  const auto body = "\x80\x29" + std::string(5248, '\xc0');
  EXPECT_EQ(messagepack_protocol().next_frame(body, 0)->size, 5250U);
}

TEST(protocols, have_no_method_without_name_or_of_a_name_that_is_no_text) {
  EXPECT_EQ(json_protocol().parse(R"({"type":1,"target":"","arguments":[]})")->target, "");
  EXPECT_EQ(json_protocol().parse(R"({"type":1,"target":"\ud83d","arguments":[]})")->target,
            "\xef\xbf\xbd");
  EXPECT_EQ(json_protocol().parse("{\"type\":1,\"target\":\"\xff\",\"arguments\":[]}")->target,
            "\xef\xbf\xbd");
  EXPECT_EQ(parse_bytes(std::string_view("\x95\x01\x80\xc0\xa0\x90", 6))->target, "");
  EXPECT_EQ(parse_bytes(std::string_view("\x95\x01\x80\xc0\xa1\xff\x90", 7))->target,
            "\xef\xbf\xbd");
}

TEST(protocols, repair_texts_that_break_no_frame) {
  const auto failed = json_protocol().parse(
      R"({"\ud83d":["\ud83d"],"type":3,"invocationId":"\ud83d","error":"half \ud83d\ud83d\ude00"})");
  EXPECT_EQ(failed->invocation_id, "\xef\xbf\xbd");
  EXPECT_EQ(failed->error, "half \xef\xbf\xbd\xf0\x9f\x98\x80");
  const auto headers = json_protocol().parse(
      R"({"type":1,"headers":{"\ud83d":"\udc00x"},"target":"T","arguments":[],"streamIds":["\ud800"]})");
  EXPECT_EQ(headers->headers.at("\xef\xbf\xbd"), "\xef\xbf\xbdx");
  EXPECT_EQ(headers->stream_ids.front(), "\xef\xbf\xbd");
  const auto packed =
      parse_bytes(std::string_view("\x95\x03\x81\xa1\xff\xa1\xff\xa1\xff\x01\xa1\xff", 12));
  EXPECT_EQ(packed->error, "\xef\xbf\xbd");
}

TEST(protocols, leave_values_as_they_came) {
  // What nobody can bind breaks no frame: half an emoji, no UTF-8, keys that are no texts.
  const auto text = json_protocol().parse(
      "{\"type\":1,\"target\":\"T\",\"arguments\":[ \"\\ud83d\",\"\xff\", 1e999 ]}");
  EXPECT_EQ(text->value, "[ \"\\ud83d\",\"\xff\", 1e999 ]");
  const std::string_view body("\x95\x01\x80\xc0\xa1T\x92\x81\x05\xa1x\xa1\xff", 13);
  EXPECT_EQ(parse_bytes(body)->value, body.substr(6));
}

TEST(handshake, reads_what_it_must_and_ignores_the_rest) {
  const auto request = parse_handshake(R"({"version":1,"more":[1],"protocol":"json"} ignored)");
  EXPECT_EQ(request.protocol, "json");
  EXPECT_EQ(request.version, 1);
  EXPECT_EQ(parse_handshake(R"({"protocol":"a","protocol":"b","version":-3})").protocol, "b");
}

TEST(handshake, refuses_what_is_malformed) {
  for (const auto* each :
       {"", "{", "[]", "null", R"({"protocol":"json"})", R"({"version":1})",
        R"({"protocol":1,"version":1})", R"({"protocol":"json","version":"1"})",
        R"({"protocol":"json","version":1.5})", R"({"protocol":"json","version":-2147483649})",
        R"({"protocol":"json","version":18446744073709551615})"}) {
    EXPECT_THROW(parse_handshake(each), protocol_error) << each;
  }
}

TEST(handshake, answers) {
  EXPECT_EQ(handshake_response(), "{}\x1e");
  EXPECT_EQ(handshake_response("no \"x\""), "{\"error\":\"no \\\"x\\\"\"}\x1e");
}

}  // namespace
}  // namespace saker::signalr
