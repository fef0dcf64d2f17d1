#include <saker/binding/time.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include <saker/binding/encoding.hpp>

#include "support/bound_types.hpp"

namespace saker::binding {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_time;
using testing::packed;
using testing::unpacked;

template <class T>
void expect_round_trip(const T& value) {
  EXPECT_EQ(from_json_text<T>(to_json_text(value)), value) << to_json_text(value);
  EXPECT_EQ(unpacked<T>(packed(value)), value);
}

TEST(binding_times, read_iso_8601) {
  const auto seconds_of = [](const char* text) -> std::optional<std::int64_t> {
    const auto read = from_iso_text(text);
    return read ? std::optional(read->time.seconds) : std::nullopt;
  };
  EXPECT_EQ(seconds_of("1970-01-01T00:00:10Z"), 10);
  EXPECT_EQ(seconds_of("1970-01-01T02:00:10+02:00"), 10);
  EXPECT_EQ(seconds_of("1969-12-31T22:30:10-01:30"), 10);
  EXPECT_EQ(seconds_of("1970-01-01T00:00:10"), 10);
  EXPECT_EQ(seconds_of("1970-01-01T00:01"), 60);
  EXPECT_EQ(seconds_of("1970-01-02"), 86'400);
  EXPECT_EQ(seconds_of("2024-02-29T00:00:00Z"), 1'709'164'800);
  EXPECT_EQ(from_iso_text("1970-01-01T00:00:00.25Z")->time.nanoseconds, 250'000'000U);
  EXPECT_EQ(from_iso_text("1970-01-01T00:00:00.1234567891Z")->time.nanoseconds, 123'456'789U);
  EXPECT_EQ(from_iso_text("1970-01-01T00:00:00-05:00")->offset, -5h);
  for (const auto* each :
       {"", "yesterday", "1970-13-01", "1970-02-30", "1970-01-01T25:00Z", "1970-01-01T00:00:00+1",
        "1970-01-01T00:00:00Zx", "1970-01-01T00:00:00.Z", "0000-01-01T00:00:00Z", "1970-1-01",
        "1970-01-01T24:00:00Z", "1970-01-01T00:00:60Z", "1970-01-01T00:00:00+15:00",
        "1970-01-01T00:00:00 +01:00", "1970-01-01T", "-970-01-01", "1970-01-01T00:00:00+14:01"}) {
    EXPECT_FALSE(seconds_of(each)) << each;
  }
}

TEST(binding_times, are_dates_of_dotnet) {
  const sys_time<std::chrono::seconds> millennium(946'684'800s);
  EXPECT_EQ(to_json_text(millennium), R"("2000-01-01T00:00:00Z")");
  EXPECT_EQ(to_json_text(millennium + 1'200us), R"("2000-01-01T00:00:00.0012Z")");
  EXPECT_EQ(to_json_text(sys_time<std::chrono::nanoseconds>(-1ns)),
            R"("1969-12-31T23:59:59.9999999Z")");
  // The shortest form that MessagePack has for it: 32, 64, 96 bits.
  EXPECT_EQ(packed(millennium), "\xd6\xff\x38\x6d\x43\x80");
  EXPECT_EQ(packed(millennium + 1ns).size(), 10U);
  EXPECT_EQ(packed(millennium - 24h * 365 * 100).size(), 15U);
  expect_round_trip(millennium);
  expect_round_trip(sys_time<std::chrono::days>(std::chrono::days(-700'000)));
  expect_round_trip(sys_time<ticks>(ticks(-621'355'968'000'000'000)));   // DateTime.MinValue
  expect_round_trip(sys_time<ticks>(ticks(2'534'023'007'999'999'999)));  // DateTime.MaxValue
  // JavaScript's client with MessagePack sends texts as well.
  EXPECT_EQ(unpacked<sys_time<std::chrono::seconds>>(packed("2000-01-01T00:00:00Z")), millennium);
  for (const auto& each : {packed(1), packed(nullptr), packed(json::binary({1}, 5)),
                           std::string("\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10)}) {
    EXPECT_THROW(unpacked<sys_time<std::chrono::seconds>>(each), binding_error);
  }
}

TEST(binding_times, are_refused_where_they_do_not_fit) {
  using nanoseconds = sys_time<std::chrono::nanoseconds>;
  for (const auto* each : {R"("0001-01-01T00:00:00Z")", R"("9999-12-31T23:59:59.9999999Z")",
                           R"("2300-01-01T00:00:00Z")", R"("1677-01-01T00:00:00Z")"}) {
    EXPECT_THROW(from_json_text<nanoseconds>(each), binding_error) << each;
    EXPECT_NO_THROW(from_json_text<sys_time<std::chrono::microseconds>>(each)) << each;
  }
  EXPECT_EQ(from_json_text<nanoseconds>(R"("2262-04-11T23:47:16.854775807Z")"), nanoseconds::max());
  EXPECT_THROW(from_json_text<nanoseconds>(R"("2262-04-11T23:47:16.854775808Z")"), binding_error);
  EXPECT_EQ(from_json_text<nanoseconds>(R"("1677-09-21T00:12:43.145224192Z")"), nanoseconds::min());
  EXPECT_THROW(from_json_text<nanoseconds>(R"("1677-09-21T00:12:43.145224191Z")"), binding_error);
  // In UTC another year.
  for (const auto* each : {R"("0001-01-01T00:00:00+01:00")", R"("9999-12-31T23:59:59-01:00")"}) {
    EXPECT_THROW(from_json_text<sys_time<ticks>>(each), binding_error) << each;
    EXPECT_THROW(from_json_text<date_time_offset>(each), binding_error) << each;
  }
  EXPECT_NO_THROW(from_json_text<date_time_offset>(R"("0001-01-01T00:00:00-14:00")"));
  const date_time_offset first{sys_time<ticks>(ticks(-621'355'968'000'000'000)), 60min};
  expect_round_trip(first);
  EXPECT_THROW(to_json_text(date_time_offset{first.time - 1min, first.offset}), binding_error);
  // Years that JSON has no text for.
  EXPECT_THROW(to_json_text(sys_time<std::chrono::days>(std::chrono::days(4'000'000))),
               binding_error);
  EXPECT_THROW(to_json_text(sys_time<std::chrono::seconds>::min()), binding_error);
  EXPECT_EQ(unpacked<sys_time<std::chrono::seconds>>(packed(sys_time<std::chrono::seconds>::min())),
            sys_time<std::chrono::seconds>::min());
}

TEST(binding_times, with_an_offset_keep_it) {
  const date_time_offset moment{sys_time<ticks>(946'684'800s) + ticks(5), 330min};
  EXPECT_EQ(to_json_text(moment), R"("2000-01-01T05:30:00.0000005+05:30")");
  expect_round_trip(moment);
  expect_round_trip(date_time_offset{sys_time<ticks>(0s), -90min});
  EXPECT_THROW(from_json_text<date_time_offset>("1"), binding_error);
  for (const auto& each :
       {packed(std::vector<int>{}), packed(1), packed(std::pair(moment.time, 5000)),
        packed(std::tuple(moment.time)), packed(std::tuple(moment.time, 1, 1))}) {
    EXPECT_THROW(unpacked<date_time_offset>(each), binding_error);
  }
}

TEST(binding_times, spans_are_those_of_dotnet) {
  EXPECT_EQ(to_json_text(0s), R"("00:00:00")");
  EXPECT_EQ(to_json_text(90'061s), R"("1.01:01:01")");
  EXPECT_EQ(to_json_text(-1'500ms), R"("-00:00:01.5000000")");
  EXPECT_EQ(to_json_text(ticks::min()), R"("-10675199.02:48:05.4775808")");
  EXPECT_EQ(to_json_text(ticks::max()), R"("10675199.02:48:05.4775807")");
  EXPECT_EQ(packed(1s), std::string("\xce\x00\x98\x96\x80", 5));
  for (const auto each : {ticks::min(), ticks::max(), ticks(0), ticks(-1), ticks(1)}) {
    expect_round_trip(each);
  }
  expect_round_trip(std::chrono::hours(-5));
  expect_round_trip(std::chrono::duration<double>(0.5));
  EXPECT_EQ(from_json_text<std::chrono::seconds>(R"("-00:00:01.5000000")"), -2s);
  for (const auto* each :
       {R"("")", R"("1")", R"("24:00:00")", R"("00:60:00")", R"("1:00:00")", R"("00:00:00.")",
        R"("00:00:00.12345678")", R"("--00:00:01")", R"(".00:00:00")", R"("-1.-1:00:00")",
        R"("10675200.00:00:00")", R"("10675199.02:48:05.4775808")", "1", "null", R"("00:00")"}) {
    EXPECT_THROW(from_json_text<ticks>(each), binding_error) << each;
  }
  // Out of the range of the type, either way.
  using small = std::chrono::duration<std::int8_t>;
  EXPECT_THROW(from_json_text<small>(R"("00:02:08")"), binding_error);
  EXPECT_EQ(from_json_text<small>(R"("00:02:07")"), small(127));
  EXPECT_THROW(to_json_text(std::chrono::hours::max()), binding_error);
  EXPECT_THROW(to_json_text(std::chrono::duration<double>(1e300)), binding_error);
  EXPECT_THROW(
      to_json_text(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
      binding_error);
}

TEST(binding_times, of_hostile_clients_do_not_overflow) {
  const auto packed_seconds = [](std::int64_t seconds) {
    std::string bytes;
    messagepack_writer(bytes).time({seconds, 500'000'000});
    return bytes;
  };
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  for (const auto each : {least, most, std::int64_t{922'337'203'685} + 3'600}) {
    for (const auto* offset : {"\xcd\x03\x48", "\xd1\xfc\xb8"}) {
      const auto bytes = "\x92" + packed_seconds(each) + offset;
      try {
        const auto read = unpacked<date_time_offset>(bytes);
        EXPECT_EQ(packed(read), bytes);
      } catch (const binding_error&) {
        // A clock that is behind UTC: that time is beyond the ticks.
        EXPECT_TRUE(each != 922'337'203'685 + 3'600 || offset[0] == '\xd1');
      }
    }
  }
  // What was read can be written, at both ends of each type.
  using nanoseconds = sys_time<std::chrono::nanoseconds>;
  const auto early = unpacked<nanoseconds>(packed_seconds(-9'223'372'037));
  EXPECT_EQ(packed(early), packed_seconds(-9'223'372'037));
  EXPECT_EQ(to_json_text(nanoseconds::min()), R"("1677-09-21T00:12:43.1452241Z")");
  using hours = sys_time<std::chrono::duration<std::int64_t, std::ratio<3600>>>;
  EXPECT_THROW(packed(unpacked<hours>(packed_seconds(least))), binding_error);
  using real = sys_time<std::chrono::duration<double>>;
  EXPECT_THROW(packed(real(std::chrono::duration<double>(1e300))), binding_error);
  EXPECT_EQ(packed(real(std::chrono::duration<double>(-0.5))), packed_seconds(-1));
}

TEST(binding_uuids, are_their_text) {
  const auto* const text = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
  const auto id = uuid::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), text);
  EXPECT_EQ(uuid::parse("6F9619FF-8B86-D011-B42D-00C04FC964FF"), id);
  expect_round_trip(*id);
  EXPECT_EQ(packed(*id), "\xd9\x24" + std::string(text));
  const auto random = uuid::random();
  EXPECT_NE(random, uuid::random());
  EXPECT_EQ(random.text()[14], '4');
  for (const auto* each :
       {"", "6f9619ff8b86d011b42d00c04fc964ff", "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
        "6f9619ff-8b86-d011-b42d-00c04fc964fg", "6f9619ff-8b86-d011-b42d000c04fc964ff"}) {
    EXPECT_FALSE(uuid::parse(each)) << each;
    EXPECT_THROW(from_json_text<uuid>(to_json_text(each)), binding_error);
  }
}

}  // namespace
}  // namespace saker::binding
