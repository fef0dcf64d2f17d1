// What compared_hub.cpp is there: the differential test sends both servers the same bytes.

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Interop
{
    public enum Side { Buy, Sell }

    public class Item
    {
        public string? Name { get; set; }
        public int UnitCount { get; set; }
        public Side Side { get; set; }
        public List<int>? Numbers { get; set; }
        public Item? Next { get; set; }
    }

    public class PlainHub : Hub
    {
        public bool Bool(bool value) => value;
        public byte Byte(byte value) => value;
        public sbyte SByte(sbyte value) => value;
        public short Short(short value) => value;
        public ushort UShort(ushort value) => value;
        public int Int(int value) => value;
        public uint UInt(uint value) => value;
        public long Long(long value) => value;
        public ulong ULong(ulong value) => value;
        public float Float(float value) => value;
        public double Double(double value) => value;
        public string String(string value) => value;
        public byte[] Bytes(byte[] value) => value;
        public int? NullableInt(int? value) => value;
        public string? NullableString(string? value) => value;
        public Side Side(Side value) => value;
        public List<int> List(List<int> value) => value;
        public List<List<string>> Lists(List<List<string>> value) => value;
        public Dictionary<string, int> Dictionary(Dictionary<string, int> value) => value;
        public Dictionary<int, string> IntDictionary(Dictionary<int, string> value) => value;
        public DateTime DateTime(DateTime value) => value;
        public DateTimeOffset DateTimeOffset(DateTimeOffset value) => value;
        public TimeSpan TimeSpan(TimeSpan value) => value;
        public Guid Guid(Guid value) => value;
        public Item Item(Item value) => value;
        public List<Item> Items(List<Item> value) => value;
        public object? Anything(object? value) => value;

        public void Nothing() { }
        public string Two(int number, string text) => $"{number}{text}";

        public void Fail() => throw new Exception("secret");
        public void FailOpenly() => throw new HubException("shown to everybody");
        public Task<int> FailNamed() => throw new InvalidOperationException("named");

        public async IAsyncEnumerable<int> Counter(int count)
        {
            for (var i = 0; i < count; ++i)
            {
                await Task.Yield();
                yield return i;
            }
        }
        public async Task<IAsyncEnumerable<int>> CounterLater(int count)
        {
            await Task.Yield();
            return Counter(count);
        }
        public async IAsyncEnumerable<int> Endless([EnumeratorCancellation] CancellationToken stop)
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, stop);
        }
        public async IAsyncEnumerable<int> FailingStream()
        {
            await Task.Yield();
            yield return 1;
            throw new Exception("secret");
        }
        public async IAsyncEnumerable<int> FailingOpenly()
        {
            await Task.Yield();
            yield return 1;
            throw new HubException("shown to everybody");
        }
        public IAsyncEnumerable<int> FailingAtOnce() => throw new Exception("secret");
        public IAsyncEnumerable<int> NoStream() => null!;

        public async Task<int> Sum(IAsyncEnumerable<int> all)
        {
            var total = 0;
            await foreach (var number in all) total += number;
            return total;
        }
        public async Task<string> Join(ChannelReader<string> left, string separator, ChannelReader<string> right)
        {
            var all = "";
            for (; ; )
            {
                var fromLeft = await Next(left);
                var fromRight = await Next(right);
                if (fromLeft is null && fromRight is null) return all;
                all += $"{fromLeft ?? "-"}{separator}{fromRight ?? "-"};";
            }
        }
        public async IAsyncEnumerable<int> Doubled(IAsyncEnumerable<int> all)
        {
            await foreach (var number in all) yield return number * 2;
        }
        public async Task<string> ErrorOfStream(IAsyncEnumerable<int> all)
        {
            try
            {
                await foreach (var number in all) { }
                return "ended";
            }
            catch (Exception error)
            {
                return error.Message;
            }
        }

        public Task SendCaller(string text) => Clients.Caller.SendAsync("Note", text);
        public async Task<string> AskCaller()
        {
            try
            {
                return $"{await Clients.Caller.InvokeAsync<int>("Question", CancellationToken.None)}";
            }
            catch (HubException error)
            {
                return error.Message;
            }
        }
        public void Abort() => Context.Abort();

        private static async Task<string?> Next(ChannelReader<string> from) =>
            await from.WaitToReadAsync() && from.TryRead(out var word) ? word : null;
    }

    public class DetailedHub : PlainHub { }

    public class RefusingHub : Hub
    {
        public override Task OnConnectedAsync() => throw new HubException("not today");
    }

    public static class ComparedHubs
    {
        public static ISignalRServerBuilder AddComparedHubs(this ISignalRServerBuilder signalr) => signalr
            .AddHubOptions<PlainHub>(options => options.MaximumParallelInvocationsPerClient = 1)
            .AddHubOptions<DetailedHub>(options =>
            {
                options.MaximumParallelInvocationsPerClient = 1;
                options.EnableDetailedErrors = true;
            });

        public static void MapComparedHubs(this WebApplication app)
        {
            app.MapHub<PlainHub>("/compared/plain");
            app.MapHub<RefusingHub>("/compared/refusing");
            app.MapHub<DetailedHub>("/compared/detailed");
            app.MapHub<DetailedHub>("/compared/stateful", options => options.AllowStatefulReconnects = true);
            app.MapHub<DetailedHub>("/compared/polling", options => options.Transports = HttpTransportType.LongPolling);
            app.MapHub<DetailedHub>("/compared/sockets", options => options.Transports = HttpTransportType.WebSockets);
            app.MapHub<DetailedHub>("/compared/newest", options => options.MinimumProtocolVersion = 1);
        }
    }
}
