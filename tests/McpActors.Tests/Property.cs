using CsCheck;

namespace McpActors.Tests;

/// <summary>
/// Checks a property of generated values. Every run uses the same values, because a test must not fail today and pass tomorrow (CsCheck's
/// own seed fixes only its first sample). A value that fails is shrunk to the smallest failing value found.
/// </summary>
internal static class Property
{
    private const int Samples = 2000;
    private const int Shrinks = 20_000;

    public static void Holds<T>(Gen<T> gen, Action<T> assert, int samples = Samples)
    {
        var source = new PCG(stream: 1, seed: 1UL);
        for (var i = 0; i < samples; i++)
        {
            var seed = source.ToString(source.State);
            var value = gen.Generate(source, null!, out _);
            try
            {
                assert(value);
            }
            catch (Exception)
            {
                // From this one on, only smaller ones are tried.
                gen.Sample(assert, seed: seed, iter: Shrinks, threads: 1);
                throw;
            }
        }
    }
}
