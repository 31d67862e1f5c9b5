using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using McpActors;
using McpActors.Hosting;

namespace EmbeddingService;

/// <summary>Which of these cities will be the warmest?</summary>
internal sealed record WarmestQuestion(IReadOnlyList<string> Cities);

/// <summary>The warmest one; null when no forecast could be had. <see cref="Missing"/> says which could not, and why.</summary>
internal sealed record WarmestAnswer(string? City, double? Celsius, IReadOnlyList<string> Missing);

/// <summary>
/// Asks the pool for all cities at once, by messages: one <see cref="Execute"/> each, whose one reply is <see cref="CallCompleted"/> or
/// <see cref="CallFailed"/>. The pool answers every call within its time-out, so no timer is needed here.
/// </summary>
internal sealed class WarmestActor : ReceiveActor
{
    public WarmestActor(IRequiredActor<PoolActorKey> pool)
    {
        // A small actor for each question keeps who asked and what is still missing.
        Receive<WarmestQuestion>(question => Context.ActorOf(Props.Create(() => new OneQuestion(question, pool.ActorRef, Sender))));
    }

    private sealed class OneQuestion : ReceiveActor
    {
        private readonly List<(string City, double Celsius)> _forecasts = [];
        private readonly List<string> _missing = [];
        private readonly int _asked;
        private readonly IActorRef _asker;

        public OneQuestion(WarmestQuestion question, IActorRef pool, IActorRef asker)
        {
            _asked = question.Cities.Count;
            _asker = asker;
            // The call's id would tell which reply is whose; here the forecast says it itself.
            Receive<CallCompleted>(executed => Add(executed.Result));
            Receive<CallFailed>(failed => AddMissing(failed.Error.Message));
            foreach (var city in question.Cities)
                pool.Tell(new Execute("forecast", JsonSerializer.SerializeToElement(new { city })));
        }

        private void Add(JsonElement result)
        {
            _forecasts.Add((Forecast.CityOf(result), Forecast.Read(result)));
            AnswerWhenComplete();
        }

        private void AddMissing(string reason)
        {
            _missing.Add(reason);
            AnswerWhenComplete();
        }

        private void AnswerWhenComplete()
        {
            if (_forecasts.Count + _missing.Count < _asked)
                return;

            var warmest = _forecasts.OrderByDescending(forecast => forecast.Celsius).Select(forecast => ((string, double)?)forecast).FirstOrDefault();
            _asker.Tell(new WarmestAnswer(warmest?.Item1, warmest?.Item2, _missing));
            Context.Stop(Self);
        }
    }
}
