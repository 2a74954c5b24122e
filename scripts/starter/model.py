# Qwen2 architecture in plain torch; fp32 master weights, bf16 compute under autocast. Shape: SHAPE, or a Hugging Face config.json.
import math,json,torch,torch.nn as nn,torch.nn.functional as F
class Shape:
    V,D,L,H,KV,FF=8192,384,8,6,2,512; HD=64; THETA=10000.0; EPS=1e-6
    def __init__(s,**k): s.__dict__.update(k)
    @staticmethod
    def of(d):
        c=json.load(open(d+'/config.json')); return Shape(V=c['vocab_size'],D=c['hidden_size'],L=c['num_hidden_layers'],H=c['num_attention_heads'],KV=c['num_key_value_heads'],FF=c['intermediate_size'],HD=c.get('head_dim',c['hidden_size']//c['num_attention_heads']),THETA=c['rope_theta'],EPS=c['rms_norm_eps'])
class RMS(nn.Module):
    def __init__(s,d,eps): super().__init__(); s.weight=nn.Parameter(torch.ones(d)); s.eps=eps
    def forward(s,x): return F.rms_norm(x.float(),(x.shape[-1],),s.weight.float(),s.eps).to(torch.bfloat16 if x.is_cuda else x.dtype)
class Block(nn.Module):
    def __init__(s,z):
        super().__init__(); s.z=z; s.n1=RMS(z.D,z.EPS); s.n2=RMS(z.D,z.EPS); hd=z.HD
        s.q=nn.Linear(z.D,z.H*hd); s.k=nn.Linear(z.D,z.KV*hd); s.v=nn.Linear(z.D,z.KV*hd); s.o=nn.Linear(z.H*hd,z.D,bias=False)
        s.g=nn.Linear(z.D,z.FF,bias=False); s.u=nn.Linear(z.D,z.FF,bias=False); s.d=nn.Linear(z.FF,z.D,bias=False)
    def forward(s,x,c,sn):
        z=s.z; B,t,_=x.shape; h=s.n1(x)
        q=s.q(h).view(B,t,z.H,z.HD); k=s.k(h).view(B,t,z.KV,z.HD); v=s.v(h).view(B,t,z.KV,z.HD)
        def rp(y):
            a,b=y.float().chunk(2,-1); return torch.cat([a*c-b*sn,b*c+a*sn],-1).to(y.dtype)
        q,k=rp(q).transpose(1,2),rp(k).transpose(1,2); v=v.transpose(1,2); G=z.H//z.KV
        k=k[:,:,None].expand(B,z.KV,G,t,z.HD).reshape(B,z.H,t,z.HD); v=v[:,:,None].expand(B,z.KV,G,t,z.HD).reshape(B,z.H,t,z.HD)
        y=F.scaled_dot_product_attention(q,k,v,is_causal=True)
        x=x+s.o(y.transpose(1,2).reshape(B,t,z.H*z.HD)); h=s.n2(x)
        return x+s.d(F.silu(s.g(h))*s.u(h))
class Model(nn.Module):
    def __init__(s,z):
        super().__init__(); s.z=z; s.e=nn.Parameter(torch.empty(z.V,z.D)); s.b=nn.ModuleList([Block(z) for _ in range(z.L)]); s.n=RMS(z.D,z.EPS)
        for n,p in s.named_parameters():
            if p.dim()==2: nn.init.normal_(p,0,0.02 if n=='e' else 0.6/math.sqrt(p.shape[1]) if not n.endswith(('o.weight','d.weight')) else 0.2/math.sqrt(p.shape[1]))
            if n.endswith('.bias'): nn.init.zeros_(p)
        f=1.0/(z.THETA**(torch.arange(0,z.HD,2).float()/z.HD)); a=torch.outer(torch.arange(2048).float(),f)
        s.register_buffer('cos',a.cos()[None,:,None,:],False); s.register_buffer('sin',a.sin()[None,:,None,:],False)
    def hidden(s,x):
        t=x.shape[1]; h=F.embedding(x,s.e); h=h.to(torch.bfloat16) if h.is_cuda else h; c,sn=s.cos[:,:t],s.sin[:,:t]
        for b in s.b: h=b(h,c,sn)
        return s.n(h)
    def forward(s,x,y,w):
        # -> (sum of weighted losses, sum of weights)
        h=s.hidden(x); lg=F.linear(h,s.e.to(h.dtype)).flatten(0,1)
        l=F.cross_entropy(lg.float(),y.reshape(-1),reduction='none'); w=w.reshape(-1)
        return (l*w).sum(),w.sum()
MAP=dict(q='self_attn.q_proj',k='self_attn.k_proj',v='self_attn.v_proj',o='self_attn.o_proj',g='mlp.gate_proj',u='mlp.up_proj',d='mlp.down_proj',n1='input_layernorm',n2='post_attention_layernorm')
def hf_name(n):
    if n=='e': return 'model.embed_tokens.weight'
    if n=='n.weight': return 'model.norm.weight'
    _,i,p,t=n.split('.'); return 'model.layers.%s.%s.%s'%(i,MAP[p],t)
def load_hf(d):
    from safetensors.torch import load_file
    m=Model(Shape.of(d)); t=load_file(d+'/model.safetensors')
    for n,p in m.named_parameters(): p.data.copy_(t[hf_name(n)].float())
    return m
